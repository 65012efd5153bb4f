import type { RemoteInfo, Socket } from 'node:dgram';
import { type Readiness, Ready, type SocketAddress, type SystemError } from '@evloop/core';
import { observed, systemError } from '@evloop/core/backend';
import { literal } from './interfaces.ts';
import type { ReceiveQueue } from './receive-queue.ts';

/**
 * Deno sends at the end of the turn, the last datagram first, to the peer that it has then, and
 * does not count what it holds. So it gets one datagram at a time, with its address. It does not
 * connect the socket in the kernel either, so it is never asked to.
 */
const MOST_OUTGOING = 64;

interface Outgoing {
  readonly bytes: Uint8Array;
  readonly to: SocketAddress | undefined;
}

/**
 * The half of a socket that the handlers of the `node:dgram` socket reference: queue, peer, pending
 * errors. It must not reference the `UdpSocket`, which could otherwise never be collected.
 */
export class Endpoint {
  readonly dgram: Socket;
  readonly queue: ReceiveQueue;
  readonly family: 'IPv4' | 'IPv6';
  /** The requested peer. It is connected when `linked` is true. */
  peer: SocketAddress | undefined;
  linked = false;
  /**
   * Whether no datagram may be handed over now: one waits in dgram's own queue, or the connection
   * is still being made.
   */
  blocked = false;
  /** Messages that were cut in user space. */
  segmentedHere = 0;
  /** The readiness to report to, while the socket is registered: see `UdpSocket.register`. */
  readiness: Readiness | undefined;
  #closed = false;
  #released = false;
  #arrived: SystemError | undefined;
  #unsent: SystemError | undefined;
  #connecting = false;
  /**
   * The datagram that dgram holds, and those that wait for it. `undefined` where dgram itself keeps
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

  /** The conditions that hold now. */
  get condition(): Ready {
    return (
      (this.queue.length > 0 ? Ready.READABLE : 0) |
      (this.blocked ? 0 : Ready.WRITABLE) |
      (this.failed ? Ready.ERROR : 0)
    );
  }

  /**
   * Takes the error that every operation throws, in the words of `syscall`. With `sending`, also an
   * error that only sends throw.
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

  /** Hands over bytes that no other code changes. Without an address, they go to the peer. */
  send(bytes: Uint8Array, to: SocketAddress | undefined): void {
    if (this.#outgoing === undefined) this.#handOver(bytes, to);
    else if (this.#outgoing.push({ bytes, to: copyOf(to ?? this.peer) }) === 1)
      this.#handOverNext();
    // Node queues a datagram only when the kernel has just refused it, so the queue has at most
    // one.
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

  /** Closes the handle, after all taken datagrams are sent. */
  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    this.queue.clear();
    this.#closeHandle();
  }

  // Our lookup calls back at once, and then Node connects at once. Where it does not, sends block
  // until it has, and datagrams of other senders are dropped here meanwhile. In both cases, the
  // reason of a failure comes later.
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
    // Its poll was closed. A reference from here would prevent the socket's collection.
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

// The caller may change it while the datagram waits.
function copyOf(address: SocketAddress | undefined): SocketAddress | undefined {
  return address && { ...address };
}

/** Returns whether the error is about an earlier datagram, and not about the one just sent. */
function isReport(error: SystemError): boolean {
  return error.code === 'ECONNREFUSED';
}
