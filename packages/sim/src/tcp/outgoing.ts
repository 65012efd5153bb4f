import type { Link } from '../network/link.ts';
import { Flag, type Segment } from '../network/packet.ts';
import type { Connection } from './connection.ts';
import { connectionKey } from './connection-key.ts';

/**
 * Makes packets of the segments of one connection. Decisions about data are numbered by its offset
 * and by how often it was sent, so that a packet more or less changes no other decision.
 */
export class Outgoing {
  readonly #connection: Connection;
  readonly #link: Link;
  readonly #ackFlow: string;
  readonly #peerKey: string;
  /** What was sent again, how often: by offset. */
  readonly #resent = new Map<number, number>();
  /** Behind the last byte that was sent. */
  #sentUntil = 0;
  #lastAck = -1;
  #sameAcks = 0;

  constructor(connection: Connection, link: Link) {
    this.#connection = connection;
    this.#link = link;
    this.#ackFlow = `${connection.flow} acks`;
    this.#peerKey = connectionKey(connection.remote, connection.local);
  }

  /** Sends a segment at `sentAt`. Returns when it left, in nanoseconds. */
  send(sentAt: number, payload: Segment): number {
    const { local, remote, flow, stack } = this.#connection;
    const { network } = stack.host.simulation;
    const { flags, offset, data, ack } = payload;
    const occupies = data.length > 0 || (flags & (Flag.SYN | Flag.FIN)) !== 0;
    return network.send(
      {
        id: network.nextPacket(),
        from: stack.host,
        to: this.#link.to,
        source: local,
        destination: remote,
        payload,
        sentAt,
        flow: occupies ? flow : this.#ackFlow,
        ordinal: occupies ? this.#dataOrdinal(offset, data.length) : this.#ackOrdinal(ack),
        connectionKey: this.#peerKey,
        fate: undefined,
      },
      this.#link,
    );
  }

  #dataOrdinal(offset: number, size: number): number {
    let times = 0;
    if (offset < this.#sentUntil) {
      times = (this.#resent.get(offset) ?? 0) + 1;
      this.#resent.set(offset, times);
    }
    this.#sentUntil = Math.max(this.#sentUntil, offset + Math.max(size, 1));
    return offset * 16 + Math.min(times, 15);
  }

  #ackOrdinal(ack: number): number {
    this.#sameAcks = ack === this.#lastAck ? Math.min(this.#sameAcks + 1, 255) : 0;
    this.#lastAck = ack;
    return ack * 256 + this.#sameAcks;
  }
}
