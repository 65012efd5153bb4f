import type { SocketAddress } from '@evloop/core';
import { hashText } from '../choice/hash.ts';
import type { Host } from '../host/host.ts';
import { isLoopback } from '../network/interfaces.ts';
import { Flag, type Packet, type Segment } from '../network/packet.ts';
import { Connection } from './connection.ts';
import { connectionKey } from './connection-key.ts';
import type { ListeningSocket } from './listening-socket.ts';
import { PortTable } from './port-table.ts';
import type { TcpNumbers } from './tcp-numbers.ts';

const ISN = hashText('initial sequence number');
const SPREAD = hashText('which listener');
const NOTHING = new Uint8Array(0);

/** The TCP of one machine. */
export class TcpStack {
  readonly host: Host;
  readonly numbers: TcpNumbers;
  readonly listeners: PortTable<ListeningSocket>;
  readonly #connections = new Map<string, Connection>();
  /** How many connections use a local port that the program did not choose. */
  readonly #ports = new Map<number, number>();
  #resets = 0;
  #on = true;

  constructor(host: Host, numbers: TcpNumbers) {
    this.host = host;
    this.numbers = numbers;
    const start = host.simulation.decisions.number(hashText(`${host.name} first port`), 0);
    this.listeners = new PortTable(numbers.firstPort, numbers.lastPort, start);
  }

  get now(): number {
    return this.host.simulation.scheduler.now;
  }

  /** The connections that are known, for reports. */
  get connections(): IterableIterator<Connection> {
    return this.#connections.values();
  }

  /** The sequence number that a connection starts with, on the wire. */
  initialSequence(flow: string): number {
    const key = hashText(flow);
    return this.host.simulation.decisions.number({ ...key, high: key.high ^ ISN.high }, 0) >>> 0;
  }

  /**
   * Makes the connecting end of a connection.
   *
   * @returns the errno's name when it cannot be: `'EADDRNOTAVAIL'`, `'EADDRINUSE'`.
   */
  open(local: SocketAddress, remote: SocketAddress, to: Host): Connection | string {
    let bound = local;
    if (local.port === 0) {
      const taken = (port: number): boolean =>
        this.#connections.has(connectionKey({ ...local, port }, remote));
      const port = this.listeners.free(taken);
      if (port === undefined) return 'EADDRNOTAVAIL';
      bound = { ...local, port };
    }
    if (this.#connections.has(connectionKey(bound, remote))) return 'EADDRINUSE';
    const link = this.host.simulation.network.link(this.host, to);
    const connection = new Connection(this, bound, remote, link, link.nextConnection());
    this.#add(connection);
    return connection;
  }

  /** Whether a connection uses the local port, one that rests included. */
  usesPort(port: number): boolean {
    return this.#ports.has(port);
  }

  forget(connection: Connection): void {
    if (this.#connections.get(connection.key) !== connection) return;
    this.#connections.delete(connection.key);
    const { port } = connection.local;
    const left = (this.#ports.get(port) ?? 1) - 1;
    if (left === 0) this.#ports.delete(port);
    else this.#ports.set(port, left);
  }

  receive(packet: Packet): void {
    if (!this.#on) return;
    const segment = packet.payload as Segment;
    const connection = this.#connections.get(packet.connectionKey);
    const fresh = (segment.flags & (Flag.SYN | Flag.ACK)) === Flag.SYN;
    if (connection !== undefined) {
      // A new connection may take the place of one that rests: RFC 6191.
      if (!fresh || connection.state !== 'time-wait') {
        connection.receive(segment);
        return;
      }
      connection.vanish();
    }
    if ((segment.flags & Flag.RST) !== 0) return;
    if (fresh && this.#accept(packet, segment)) return;
    this.#refuse(packet, segment);
  }

  /** The network refuses a packet that this host sent. */
  refused(about: Packet): void {
    const key = connectionKey(about.source, about.destination);
    this.#connections.get(key)?.refused();
  }

  powerOff(): void {
    this.#on = false;
    for (const connection of [...this.#connections.values()]) connection.vanish();
    this.listeners.clear();
  }

  #add(connection: Connection): void {
    this.#connections.set(connection.key, connection);
    const { port } = connection.local;
    this.#ports.set(port, (this.#ports.get(port) ?? 0) + 1);
  }

  /** Answers a SYN, where somebody listens. Returns whether the packet is dealt with. */
  #accept(packet: Packet, syn: Segment): boolean {
    const found = this.listeners.find(packet.destination);
    const spread = found.length > 1 ? this.#spread(packet) % found.length : 0;
    const listener = found[spread];
    if (listener === undefined) return false;
    if (listener.full) {
      this.host.simulation.trace.note(this.host, 'accept queue full, SYN dropped');
      return true;
    }
    const link = this.host.simulation.network.link(this.host, packet.from);
    const flow = packet.flow.slice(packet.flow.indexOf(' ') + 1);
    const { destination, source } = packet;
    const connection = new Connection(this, destination, source, link, `${flow} back`);
    this.#add(connection);
    connection.answer(syn, (complete) => listener.complete(complete));
    return true;
  }

  #spread({ connectionKey }: Packet): number {
    return this.host.simulation.decisions.number(SPREAD, hashText(connectionKey).low >>> 0);
  }

  #refuse(packet: Packet, segment: Segment): void {
    const { network } = this.host.simulation;
    const { flags, ack, offset, data } = segment;
    const acknowledged = (flags & Flag.ACK) !== 0;
    const link = network.link(this.host, packet.from);
    const occupied = data.length + ((flags & (Flag.SYN | Flag.FIN)) !== 0 ? 1 : 0);
    network.send(
      {
        id: network.nextPacket(),
        from: this.host,
        to: packet.from,
        source: packet.destination,
        destination: packet.source,
        payload: {
          kind: 'tcp',
          flags: acknowledged ? Flag.RST : Flag.RST | Flag.ACK,
          offset: acknowledged ? ack : 0,
          ack: offset + occupied,
          window: 0,
          data: NOTHING,
          isn: acknowledged ? segment.peerIsn : 0,
          peerIsn: segment.isn,
          mss: 0,
        },
        sentAt: this.now,
        flow: `${link.name} resets`,
        ordinal: this.#resets++,
        connectionKey: connectionKey(packet.source, packet.destination),
        fate: undefined,
      },
      link,
    );
  }
}

/** The address that a host sends from, to reach `remote`. */
export function sourceAddress(host: Host, remote: SocketAddress): SocketAddress | undefined {
  const { family, address } = remote;
  const six = family === 'IPv6';
  if (isLoopback(address)) return { address: six ? '::1' : '127.0.0.1', port: 0, family };
  const { ipv4, ipv6 } = host.interfaces;
  const own = six ? ipv6 : ipv4;
  return own === undefined ? undefined : { address: own, port: 0, family };
}
