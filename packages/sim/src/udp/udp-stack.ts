import type { SocketAddress } from '@evloop/core';
import { hashText } from '../choice/hash.ts';
import type { Host } from '../host/host.ts';
import { isWildcard, shownTo } from '../network/interfaces.ts';
import type { DatagramPayload, Packet } from '../network/packet.ts';
import { PortTable } from '../tcp/port-table.ts';
import { isMulticast, type SimUdpSocket } from './udp-socket.ts';

const SPREAD = hashText('which UDP socket');

/** How a datagram is to be sent. */
export interface SendOptions {
  readonly hops: number;
  /** Whether members on this host get what is sent to a group. */
  readonly loop: boolean;
  /** When, in nanoseconds. */
  readonly at: number;
}

/** The UDP of one machine. */
export class UdpStack {
  readonly ports: PortTable<SimUdpSocket>;
  readonly #host: Host;
  readonly #sent = new Map<string, number>();

  constructor(host: Host) {
    this.#host = host;
    const { firstPort, lastPort } = host.simulation.tcpNumbers;
    const start = host.simulation.decisions.number(hashText(`${host.name} first UDP port`), 0);
    this.ports = new PortTable(firstPort, lastPort, start);
  }

  /**
   * Sends a datagram: to one host, or to all members of a group, or to all hosts. Returns when it
   * has left this host, in nanoseconds.
   */
  send(data: Uint8Array, source: SocketAddress, to: SocketAddress, options: SendOptions): number {
    let left = options.at;
    const { network } = this.#host.simulation;
    if (isMulticast(to.address) || to.address.endsWith('.255')) {
      for (const host of network.hosts) {
        const self = host === this.#host;
        if (self ? !options.loop : options.hops === 0) continue;
        left = Math.max(left, this.#sendTo(host, data, source, to, options));
      }
      return left;
    }
    const host = network.find(this.#host, to.address);
    return host === undefined ? left : this.#sendTo(host, data, source, to, options);
  }

  receive(packet: Packet): void {
    const { payload, destination, source } = packet;
    const { data } = payload as DatagramPayload;
    const sockets = this.#receivers(packet);
    for (const socket of sockets) socket.arrive(data, shownTo(socket.local.family, source));
    const unicast = !isMulticast(destination.address) && !destination.address.endsWith('.255');
    if (sockets.length === 0 && unicast) this.#unreachable(packet);
  }

  /** The network says that nobody takes what this host sent. Only connected sockets learn of it. */
  refused({ source, destination }: Packet): void {
    for (const socket of this.ports.find(source)) {
      if (socket.hears(destination) && !socket.hears({ ...destination, port: -1 })) {
        socket.refused();
      }
    }
  }

  powerOff(): void {
    this.ports.clear();
  }

  #sendTo(
    to: Host,
    data: Uint8Array,
    source: SocketAddress,
    destination: SocketAddress,
    { hops, at }: SendOptions,
  ): number {
    const { network } = this.#host.simulation;
    const link = network.link(this.#host, to);
    const flow = `${link.name} datagrams`;
    const ordinal = (this.#sent.get(flow) ?? 0) + 1;
    this.#sent.set(flow, ordinal);
    return network.send(
      {
        id: network.nextPacket(),
        from: this.#host,
        to,
        source,
        destination,
        payload: { kind: 'udp', data, ttl: hops },
        sentAt: at,
        flow,
        ordinal,
        connectionKey: '',
        fate: undefined,
      },
      link,
    );
  }

  #receivers({ destination, source, id }: Packet): readonly SimUdpSocket[] {
    const all = this.ports.find(destination).filter((socket) => socket.hears(source));
    if (isMulticast(destination.address)) {
      const bound = this.ports.find({ ...destination, address: '0.0.0.0' });
      return [...new Set([...all, ...bound])].filter((socket) =>
        socket.joined(destination.address),
      );
    }
    if (destination.address.endsWith('.255')) {
      const bound = this.ports.find({ ...destination, address: '0.0.0.0' });
      return bound.filter(({ local }) => isWildcard(local.address));
    }
    // A connected socket is a better match than one that is not.
    const connected = all.filter((socket) => !socket.hears({ ...source, port: -1 }));
    const best = connected.length > 0 ? connected : all;
    if (best.length < 2) return best;
    const sharing = best.every((socket) => socket.sharesPort);
    const hash = this.#host.simulation.decisions.number(SPREAD, sharing ? source.port : id);
    const chosen = sharing ? best[hash % best.length] : best.at(-1);
    return chosen === undefined ? [] : [chosen];
  }

  #unreachable(packet: Packet): void {
    const { network, scheduler } = this.#host.simulation;
    const link = network.link(this.#host, packet.from);
    network.send(
      {
        id: network.nextPacket(),
        from: this.#host,
        to: packet.from,
        source: packet.destination,
        destination: packet.source,
        payload: { kind: 'icmp', what: 'port unreachable', about: packet },
        sentAt: scheduler.now,
        flow: `${link.name} ICMP`,
        ordinal: packet.id,
        connectionKey: '',
        fate: undefined,
      },
      link,
    );
  }
}
