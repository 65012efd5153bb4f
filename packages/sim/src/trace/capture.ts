import { parseIPv4, parseIPv6 } from '@evloop/core/backend';
import { COPY } from '../network/network.ts';
import type { Packet } from '../network/packet.ts';
import type { Simulation } from '../run/simulation.ts';
import { encodePacket } from './ip-packet.ts';
import { type CapturedName, PcapngWriter } from './pcapng.ts';
import type { PacketWatcher } from './trace.ts';

/**
 * Captures the packets of a run, each at its sender's interface when it leaves. What became of it
 * is known later, so the file is written at the end.
 */
export class Capture implements PacketWatcher {
  readonly #simulation: Simulation;
  readonly #packets: Packet[] = [];

  constructor(simulation: Simulation) {
    this.#simulation = simulation;
    simulation.trace.watcher = this;
  }

  sent(packet: Packet): void {
    // A second copy is made by the network. The sender's interface has seen one packet.
    if (packet.fate !== COPY) this.#packets.push(packet);
  }

  /** The capture as a pcapng file. */
  pcapng(): Uint8Array {
    const { hosts } = this.#simulation.network;
    const writer = new PcapngWriter(
      hosts.map(({ name }) => name),
      hosts.flatMap(({ name, interfaces }) => namesOf(name, interfaces.ipv4, interfaces.ipv6)),
    );
    const start = BigInt(this.#simulation.epoch) * 1_000_000n;
    const inOrder = this.#packets.map((packet, i) => ({ packet, i }));
    inOrder.sort((a, b) => a.packet.sentAt - b.packet.sentAt || a.i - b.i);
    for (const { packet } of inOrder) {
      writer.add({
        interfaceId: packet.from.number,
        time: start + BigInt(packet.sentAt),
        bytes: encodePacket(packet),
        comment: packet.fate === undefined ? undefined : `fault: ${packet.fate}`,
      });
    }
    return writer.bytes();
  }
}

function namesOf(name: string, ipv4: string, ipv6: string | undefined): CapturedName[] {
  const addresses = [parseIPv4(ipv4), ipv6 === undefined ? undefined : parseIPv6(ipv6)];
  return addresses.flatMap((address) => (address === undefined ? [] : [{ address, name }]));
}
