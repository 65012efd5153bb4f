import type { SocketAddress } from '@evloop/core';
import type { ScheduledEvent } from '../clock/event-heap.ts';
import { MS } from '../clock/time.ts';
import type { Link } from '../network/link.ts';
import { Flag, type Segment } from '../network/packet.ts';
import { connectionKey } from './connection-key.ts';
import type { ConnectionState, ConnectionUser } from './connection-user.ts';
import { KeepAlive } from './keep-alive.ts';
import { Outgoing } from './outgoing.ts';
import { Receiver, type ReceiverOwner } from './receiver.ts';
import { Sender, type SenderOwner } from './sender.ts';
import type { TcpStack } from './tcp-stack.ts';

const NOTHING = new Uint8Array(0);

/** One end of a TCP connection, as the kernel keeps it. */
export class Connection implements SenderOwner, ReceiverOwner {
  readonly stack: TcpStack;
  readonly local: SocketAddress;
  readonly remote: SocketAddress;
  /** Where this host's stack finds the connection. */
  readonly key: string;
  /** Names this direction in decisions and traces. */
  readonly flow: string;
  readonly #outgoing: Outgoing;
  readonly isn: number;
  readonly sender: Sender;
  readonly receiver: Receiver;
  readonly keepAlive: KeepAlive;
  user: ConnectionUser | undefined;
  #peerIsn = 0;
  #phase: 'syn-sent' | 'syn-received' | 'open' | 'time-wait' | 'closed' = 'closed';
  #rest: ScheduledEvent | undefined;
  #lastSent = 0;
  /** The program ended its side after the peer's end had arrived. */
  #endedAfterPeer = false;
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
    this.flow = `${link.name} ${flow}`;
    this.#outgoing = new Outgoing(this, link);
    this.isn = stack.initialSequence(this.flow);
    this.sender = new Sender(this, stack.numbers);
    this.receiver = new Receiver(this, stack.numbers);
    this.keepAlive = new KeepAlive(this);
    const mss = link.numbers.mtu - (local.family === 'IPv4' ? 40 : 60);
    this.receiver.mss = mss;
    this.sender.mss = mss;
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

  /** The program acts at this time: later than the network's while its processor is busy. */
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
   * @param accept called when the handshake is complete. Returns false when the accept queue is
   * full.
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
    if ((segment.flags & Flag.RST) !== 0) {
      this.#reset();
      return;
    }
    if (this.#phase === 'syn-sent') {
      this.#answered(segment);
      return;
    }
    if (this.#phase === 'syn-received' && !this.#completed(segment)) return;
    if (this.user === undefined && this.#isOrphaned(segment)) {
      this.abort();
      return;
    }
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
    if (this.#phase === 'syn-sent') {
      this.#end();
      return;
    }
    if (this.receiver.unread > 0 || lingerMs === 0) {
      this.abort();
      return;
    }
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
    this.#lastSent = Math.max(this.#lastSent, this.now);
    const { receiver } = this;
    const left = this.#outgoing.send(this.#lastSent, {
      kind: 'tcp',
      flags,
      offset,
      ack: receiver.next,
      window: receiver.window(),
      data,
      isn: this.isn,
      peerIsn: this.#peerIsn,
      mss: receiver.mss,
    });
    receiver.acknowledged(data.length > 0);
    return left;
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
    if (this.#endedAfterPeer) {
      this.#forget();
      return;
    }
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
    if (this.#phase === 'syn-sent') {
      this.#fail('ECONNREFUSED');
      return;
    }
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
}
