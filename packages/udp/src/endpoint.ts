import type { RemoteInfo, Socket } from 'node:dgram';
import { type Readiness, Ready, type SocketAddress, type SystemError } from '@evloop/core';
import { observed, systemError } from '@evloop/core/backend';
import { literal } from './interfaces.ts';
import type { ReceiveQueue } from './receive-queue.ts';

/**
 * Deno sends at the end of the turn, the last datagram first, to the peer that it has then, and has
 * no count of what it holds: so it is given one at a time, with its address. Nor does it connect
 * the socket in the kernel: so it is never asked to.
 */
const MOST_OUTGOING = 64;

interface Outgoing {
  readonly bytes: Uint8Array;
  readonly to: SocketAddress | undefined;
}

/**
 * What the handlers of the `node:dgram` socket need: queue, peer, pending errors. It must not hold
 * the `UdpSocket`, which could otherwise never be collected.
 */
export class Endpoint {
  readonly dgram: Socket;
  readonly queue: ReceiveQueue;
  readonly family: 'IPv4' | 'IPv6';
  /** The peer that was asked for; it is connected when `linked`. */
  peer: SocketAddress | undefined;
  linked = false;
  /**
   * No datagram may be handed over now: one waits in dgram's own queue, or the connection is on its
   * way.
   */
  blocked = false;
  /** Messages that were cut here. */
  segmentedHere = 0;
  /** Whom to tell, while there is somebody: see `UdpSocket.register`. */
  readiness: Readiness | undefined;
  #closed = false;
  #released = false;
  #arrived: SystemError | undefined;
  #unsent: SystemError | undefined;
  #connecting = false;
  /**
   * The datagram that dgram has, and those that wait for it; `undefined` where dgram itself keeps
   * the order.
   */
  readonly #outgoing: Outgoing[] | undefined;

  constructor(dgram: Socket, queue: ReceiveQueue, family: 'IPv4' | 'IPv6') {
    this.dgram = dgram;
    this.queue = queue;
    this.family = family;
    this.#outgoing = dgram.getSendQueueCount === undefined ? [] : undefined;
    dgram.on('message', (data, sender) => this.#onMessage(data, sender));
    dgram.on('error', (error) => this.#fail(observed(error as SystemError), true));
    dgram.unref();
  }

  /** What is so now. */
  get condition(): Ready {
    return (
      (this.queue.length > 0 ? Ready.READABLE : 0) |
      (this.blocked ? 0 : Ready.WRITABLE) |
      (this.failed ? Ready.ERROR : 0)
    );
  }

  /**
   * Takes the error that every operation throws, in the words of `syscall`; with `sending`, also
   * one that sends alone throw.
   */
  take(sending: boolean, syscall: 'send' | 'recvmsg'): SystemError | undefined {
    const error = this.#arrived ?? (sending ? this.#unsent : undefined);
    if (error === undefined) return undefined;
    if (error === this.#arrived) this.#arrived = undefined;
    else this.#unsent = undefined;
    if (!this.failed) this.readiness?.clear(Ready.ERROR);
    return isReport(error) ? systemError(error.code, syscall, this.peer) : error;
  }

  /** Whether an error is pending. */
  get failed(): boolean {
    return this.#arrived !== undefined || this.#unsent !== undefined;
  }

  /** Hands over bytes that nobody else changes. Without an address they go to the peer. */
  send(bytes: Uint8Array, to: SocketAddress | undefined): void {
    if (this.#outgoing === undefined) this.#handOver(bytes, to);
    else if (this.#outgoing.push({ bytes, to: copyOf(to ?? this.peer) }) === 1)
      this.#handOverNext();
    // In Node nothing is queued but what the kernel has just refused to take: so the queue is one
    // datagram at the most.
    if (this.#full) this.blocked = true;
  }

  connect(peer: SocketAddress): void {
    this.#unlink();
    this.peer = peer;
    this.blocked = true;
    if (this.#outgoing === undefined) this.#link();
    else this.#unblock();
  }

  disconnect(): void {
    this.#unlink();
    this.#unblock();
  }

  /** Closes the handle, after what was taken is sent. */
  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    this.queue.clear();
    this.#closeHandle();
  }

  // Our lookup answers at once, and then Node connects at once. Where it does not, sends would
  // block until it has, and what comes from others meanwhile is dropped here. The reason of a
  // failure comes later in any case.
  #link(): void {
    const peer = this.peer;
    if (peer === undefined || this.#connecting) return;
    this.#connecting = true;
    let settled = false;
    this.dgram.connect(peer.port, literal(peer.address), (error?: unknown) => {
      if (settled || this.#closed) return;
      settled = true;
      this.#connecting = false;
      if (peer !== this.peer) {
        if (!error) this.dgram.disconnect();
        this.#link();
      } else if (error) {
        this.peer = undefined;
        this.#fail(error as SystemError, true);
      } else {
        this.linked = true;
      }
      this.#unblock();
    });
    try {
      this.dgram.remoteAddress();
    } catch {
      return;
    }
    settled = true;
    this.#connecting = false;
    this.linked = true;
    this.#unblock();
  }

  #unlink(): void {
    if (this.linked) this.dgram.disconnect();
    this.linked = false;
    this.peer = undefined;
  }

  #unblock(): void {
    if (!this.blocked || this.#closed || this.#connecting) return;
    if (this.#full) return;
    this.blocked = false;
    this.#tell(Ready.WRITABLE);
  }

  #handOver(bytes: Uint8Array, to: SocketAddress | undefined): void {
    if (to === undefined) this.dgram.send(bytes, this.#onSent);
    else this.dgram.send(bytes, to.port, literal(to.address), this.#onSent);
  }

  #handOverNext(): void {
    const next = this.#outgoing?.[0];
    if (next !== undefined) this.#handOver(next.bytes, next.to);
  }

  get #held(): number {
    return this.#outgoing?.length ?? this.dgram.getSendQueueCount();
  }

  get #full(): boolean {
    return this.#held >= (this.#outgoing === undefined ? 1 : MOST_OUTGOING);
  }

  readonly #onSent = (error: Error | null): void => {
    this.#outgoing?.shift();
    this.#handOverNext();
    if (this.#closed) {
      this.#closeHandle();
      return;
    }
    if (error !== null) this.#fail(error as SystemError, isReport(error as SystemError));
    if (this.blocked) this.#unblock();
  };

  #closeHandle(): void {
    if (this.#released || this.#held > 0) return;
    this.#released = true;
    this.dgram.close();
  }

  #onMessage(data: Uint8Array, sender: RemoteInfo): void {
    if (this.#closed) return;
    if (this.peer !== undefined && !this.linked && !this.#isPeer(sender)) return;
    this.queue.push(data, sender);
    this.#tell(Ready.READABLE);
  }

  #tell(ready: Ready): void {
    this.readiness?.set(ready);
    // Its poll was closed. Held from here, the socket could never be collected.
    if (this.readiness?.registry === undefined) this.readiness = undefined;
  }

  #isPeer(sender: RemoteInfo): boolean {
    return sender.port === this.peer?.port && sender.address === this.peer.address;
  }

  #fail(error: SystemError, arrived: boolean): void {
    if (this.#closed) return;
    if (arrived) this.#arrived = error;
    else this.#unsent = error;
    this.#tell(Ready.ERROR);
  }
}

// It is the caller's to change while the datagram waits.
function copyOf(address: SocketAddress | undefined): SocketAddress | undefined {
  return address && { ...address };
}

/**
 * Whether the system reported something about an earlier datagram, and not about the one that it
 * was given.
 */
function isReport(error: SystemError): boolean {
  return error.code === 'ECONNREFUSED';
}
