import type { Packet } from '../network/packet.ts';
import { TcpStack } from '../tcp/tcp-stack.ts';
import { UdpStack } from '../udp/udp-stack.ts';
import type { Host } from './host.ts';

/** What a machine remembers of the network while it has power. */
export class Kernel {
  readonly tcp: TcpStack;
  readonly udp: UdpStack;

  constructor(host: Host) {
    this.tcp = new TcpStack(host, host.simulation.tcpNumbers);
    this.udp = new UdpStack(host);
  }

  /** A packet has arrived for this machine. */
  receive(packet: Packet): void {
    const { payload } = packet;
    if (payload.kind === 'tcp') this.tcp.receive(packet);
    else if (payload.kind === 'udp') this.udp.receive(packet);
    else if (payload.about.payload.kind === 'tcp') this.tcp.refused(payload.about);
    else this.udp.refused(payload.about);
  }

  /** Forgets everything, and sends nothing any more. */
  powerOff(): void {
    this.tcp.powerOff();
    this.udp.powerOff();
  }
}
