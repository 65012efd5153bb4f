import type { SocketAddress } from '@evloop/core';
import type { ScheduledEvent } from '../clock/event-heap.ts';
import { MS } from '../clock/time.ts';
import type { Link } from '../network/link.ts';
import { Flag, type Packet, type Segment } from '../network/packet.ts';
import { KeepAlive } from './keep-alive.ts';
import { Receiver, type ReceiverOwner } from './receiver.ts';
import { Sender, type SenderOwner } from './sender.ts';
import type { TcpStack } from './tcp-stack.ts';

const NOTHING = new Uint8Array(0);

/** The program's side of a connection. */
export interface ConnectionUser {
  established(): void;
  failed(code: string): void;
  readable(): void;
  writable(): void;
  ended(): void;
}

/** The names of RFC 9293, in lower case. */
export type ConnectionState =
  | 'syn-sent'
  | 'syn-received'
  | 'established'
  | 'fin-wait'
  | 'close-wait'
  | 'closing'
  | 'time-wait'
  | 'closed';

/** One end of a TCP connection, as the kernel keeps it. */
export class Connection implements SenderOwner, ReceiverOwner {
  readonly stack: TcpStack;
  readonly local: SocketAddress;
  readonly remote: SocketAddress;
  /** Where this host's stack finds the connection. */
  readonly key: string;
  readonly #peerKey: string;
  /** Names this direction in decisions and traces. */
  readonly flow: string;
  readonly #ackFlow: string;
  readonly #link: Link;
  readonly isn: number;
  readonly sender: Sender;
  readonly receiver: Receiver;
  readonly keepAlive: KeepAlive;
  user: ConnectionUser | undefined;
  #peerIsn = 0;
  #phase: 'syn-sent' | 'syn-received' | 'open' | 'time-wait' | 'closed';
  #rest: ScheduledEvent | undefined;
  #lastSent = 0;
  /** What was sent again, how often: by offset. */
  readonly #resent = new Map<number, number>();
  /** Behind the last byte that was sent. */
  #sentUntil = 0;
  /** The program ended its side after the peer's end had arrived. */
  #endedAfterPeer = false;
  #lastAck = -1;
  #sameAcks = 0;
  /** Set while it may wait for a place in the accept queue. */
  #accept: ((connection: Connection) => boolean) | undefined;

  constructor(
    stack: TcpStack,
    local: SocketAddress,
    remote: SocketAddress,
    link: Link,
    flow: string,
  ) {
    this.stack = stack;
    this.local = local;
    this.remote = remote;
    this.key = connectionKey(local, remote);
    this.#peerKey = connectionKey(remote, local);
    this.#link = link;
    this.flow = `${link.name} ${flow}`;
    this.#ackFlow = `${this.flow} acks`;
    this.isn = stack.initialSequence(this.flow);
    this.sender = new Sender(this, stack.numbers);
    this.receiver = new Receiver(this, stack.numbers);
    this.keepAlive = new KeepAlive(this);
    const mss = link.numbers.mtu - (local.family === 'IPv4' ? 40 : 60);
    this.receiver.mss = mss;
    this.sender.mss = mss;
    this.#phase = 'closed';
  }

  get state(): ConnectionState {
    if (this.#phase !== 'open') return this.#phase;
    const { ended } = this.receiver;
    if (this.sender.ended) return ended ? 'closing' : 'fin-wait';
    return ended ? 'close-wait' : 'established';
  }

  get now(): number {
    return this.stack.now;
  }

  /** The program acts at this time, which may be later than the network's: its processor is busy. */
  actAt(time: number): void {
    this.#lastSent = Math.max(this.#lastSent, time);
  }

  /** Begins to connect. */
  connect(): void {
    this.#phase = 'syn-sent';
    this.sender.open(Flag.SYN);
  }

  /**
   * Answers a SYN.
   *
   * @param accept called when the handshake is complete. Returns false when the accept queue is full.
   */
  answer(syn: Segment, accept: (connection: Connection) => boolean): void {
    this.#phase = 'syn-received';
    this.#accept = accept;
    this.#hearSyn(syn);
    this.sender.open(Flag.SYN | Flag.ACK);
  }

  /** Takes a segment. */
  receive(segment: Segment): void {
    this.keepAlive.heard();
    if (this.#phase === 'time-wait') {
      if (segment.data.length > 0 || (segment.flags & Flag.FIN) !== 0) this.acknowledge();
      return;
    }
    if ((segment.flags & Flag.RST) !== 0) return this.#reset();
    if (this.#phase === 'syn-sent') return this.#answered(segment);
    if (this.#phase === 'syn-received' && !this.#completed(segment)) return;
    if (this.user === undefined && this.#isOrphaned(segment)) return this.abort();
    this.sender.receive(segment);
    if (this.#phase === 'closed') return;
    const { data, end } = this.receiver.receive(segment);
    if (data) this.user?.readable();
    if (end) this.#heardEnd();
  }

  /** The network refuses what was sent. */
  refused(): void {
    if (this.#phase === 'syn-sent' || this.#phase === 'open') this.#reset();
  }

  /** The program reads no more, and writes no more. What was written is still sent. */
  close(lingerMs: number | null): void {
    this.user = undefined;
    if (this.#phase === 'closed' || this.#phase === 'time-wait') return;
    if (this.#phase === 'syn-sent') return this.#end();
    if (this.receiver.unread > 0 || lingerMs === 0) return this.abort();
    this.end();
    if (lingerMs !== null) this.#abandonIn(lingerMs * MS);
    else if (this.sender.finAcknowledged) this.#abandonIn(this.stack.numbers.finTimeout);
  }

  /** Resets the connection. */
  abort(): void {
    if (this.#phase === 'closed') return;
    if (this.#phase !== 'syn-sent' && this.#phase !== 'time-wait') {
      this.transmit(Flag.RST | Flag.ACK, this.sender.next, NOTHING);
    }
    this.#end();
  }

  /** Forgets the connection, and tells nobody: the machine lost its power. */
  vanish(): void {
    this.user = undefined;
    this.#end();
  }

  transmit(flags: number, offset: number, data: Uint8Array): number {
    const { host } = this.stack;
    this.#lastSent = Math.max(this.#lastSent, this.now);
    const occupies = data.length > 0 || (flags & (Flag.SYN | Flag.FIN)) !== 0;
    const packet: Packet = {
      id: host.simulation.network.nextPacket(),
      from: host,
      to: this.#link.to,
      source: this.local,
      destination: this.remote,
      payload: {
        kind: 'tcp',
        flags,
        offset,
        ack: this.receiver.next,
        window: this.receiver.window(),
        data,
        isn: this.isn,
        peerIsn: this.#peerIsn,
        mss: this.receiver.mss,
      },
      sentAt: this.#lastSent,
      flow: occupies ? this.flow : this.#ackFlow,
      ordinal: occupies ? this.#dataOrdinal(offset, data.length) : this.#ackOrdinal(),
      connectionKey: this.#peerKey,
      fate: undefined,
    };
    this.receiver.acknowledged(data.length > 0);
    return host.simulation.network.send(packet, this.#link);
  }

  acknowledge(): void {
    this.transmit(Flag.ACK, this.sender.next, NOTHING);
  }

  schedule(time: number, run: () => void, weak = false): ScheduledEvent {
    return this.stack.host.simulation.scheduler.at(time, run, weak);
  }

  cancel(event: ScheduledEvent | undefined): void {
    this.stack.host.simulation.scheduler.cancel(event);
  }

  hasRoom(): void {
    this.user?.writable();
  }

  timedOut(): void {
    this.#fail('ETIMEDOUT');
  }

  endAcknowledged(): void {
    if (this.receiver.ended) this.#finish();
    else if (this.user === undefined) this.#abandonIn(this.stack.numbers.finTimeout);
  }

  #answered(segment: Segment): void {
    const wanted = Flag.SYN | Flag.ACK;
    if ((segment.flags & wanted) !== wanted) return;
    this.#hearSyn(segment);
    this.#phase = 'open';
    this.sender.receive(segment);
    this.acknowledge();
    this.keepAlive.start();
    this.user?.established();
  }

  /** The last segment of the handshake has come. Returns false when the queue has no place. */
  #completed(segment: Segment): boolean {
    if ((segment.flags & Flag.SYN) !== 0) {
      this.transmit(Flag.SYN | Flag.ACK, 0, NOTHING);
      return false;
    }
    if (segment.ack < 1) return false;
    if (this.#accept?.(this) !== true) {
      if (this.stack.numbers.resetOnOverflow) this.abort();
      return false;
    }
    this.#accept = undefined;
    this.#phase = 'open';
    this.keepAlive.start();
    return true;
  }

  #hearSyn(syn: Segment): void {
    this.#peerIsn = syn.isn;
    this.sender.mss = Math.min(syn.mss, this.receiver.mss);
    this.sender.mayAcknowledge = true;
  }

  #isOrphaned(segment: Segment): boolean {
    return segment.data.length > 0 && segment.offset + segment.data.length > this.receiver.next;
  }

  #heardEnd(): void {
    this.user?.ended();
    if (this.sender.finAcknowledged) this.#finish();
  }

  /** Both ends are known to both sides. The one that ended first rests. */
  #finish(): void {
    this.#stop();
    if (this.#endedAfterPeer) return this.#forget();
    this.#phase = 'time-wait';
    this.cancel(this.#rest);
    const until = this.now + this.stack.numbers.timeWait;
    this.#rest = this.schedule(until, () => this.#forget(), true);
  }

  /** The program ends its side. */
  end(): void {
    this.#endedAfterPeer = this.receiver.ended;
    this.sender.end();
  }

  #reset(): void {
    if (this.#phase === 'syn-sent') return this.#fail('ECONNREFUSED');
    // tcp_reset: a peer that has ended its side and then resets is a broken pipe.
    this.#fail(this.receiver.ended ? 'EPIPE' : 'ECONNRESET');
  }

  #fail(code: string): void {
    const { user } = this;
    this.#end();
    user?.failed(code);
  }

  #abandonIn(patience: number): void {
    this.cancel(this.#rest);
    const give = (): void => (this.sender.finAcknowledged ? this.#end() : this.abort());
    this.#rest = this.schedule(this.now + patience, give, true);
  }

  #end(): void {
    this.#stop();
    this.#forget();
  }

  #stop(): void {
    this.sender.stop();
    this.receiver.stop();
    this.keepAlive.stop();
  }

  #forget(): void {
    this.cancel(this.#rest);
    this.#phase = 'closed';
    this.stack.forget(this);
  }

  // Decisions about data are numbered by its offset and by how often it was sent, so that a packet more or
  // less changes no other decision.
  #dataOrdinal(offset: number, size: number): number {
    let times = 0;
    if (offset < this.#sentUntil) {
      times = (this.#resent.get(offset) ?? 0) + 1;
      this.#resent.set(offset, times);
    }
    this.#sentUntil = Math.max(this.#sentUntil, offset + Math.max(size, 1));
    return offset * 16 + Math.min(times, 15);
  }

  #ackOrdinal(): number {
    const ack = this.receiver.next;
    this.#sameAcks = ack === this.#lastAck ? Math.min(this.#sameAcks + 1, 255) : 0;
    this.#lastAck = ack;
    return ack * 256 + this.#sameAcks;
  }
}

/** Where a stack finds a connection: by both of its addresses. */
export function connectionKey(local: SocketAddress, remote: SocketAddress): string {
  return `${local.address} ${local.port} ${remote.address} ${remote.port}`;
}
