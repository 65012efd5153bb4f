import {
  type Event,
  Interest,
  type ReceivedDatagram,
  type SocketAddressLike,
  type UdpSocket,
  WouldBlock,
} from '@evloop/core';
import { Attachment } from '../loop/attachment.ts';
import type { Loop } from '../loop/loop.ts';
import { isSystemError } from '../system-error.ts';

/** How many datagrams are received before the others have their turn. */
const MOST = 256;

/** What has become of the datagrams of a {@link Datagrams}. */
export interface DatagramCounters {
  /** Datagrams that were received. */
  received: number;
  /** Datagrams that were sent. */
  sent: number;
  /** Datagrams that were dropped, since a send would have blocked. */
  blocked: number;
  /** Errors of the system: about a datagram that was sent before, or one that cannot be sent. */
  failed: number;
}

/**
 * A UDP socket on a {@link Loop}: receives until it would block, in bounded turns, and survives the
 * errors of single datagrams.
 *
 * UDP promises nothing. So a datagram that cannot be sent now is dropped and counted.
 *
 * @example
 * ```ts
 * import type { UdpSocket } from '@evloop/core';
 * import { Datagrams, type Loop } from '@evloop/service';
 *
 * function echo(loop: Loop, socket: UdpSocket, buffer: Uint8Array): void {
 *   const datagrams = new Datagrams(loop, socket, buffer, ({ size, address }) => {
 *     datagrams.sendTo(buffer, address, 0, size);
 *   });
 * }
 * ```
 */
export class Datagrams extends Attachment {
  /** What has become of the datagrams so far. */
  readonly counters: DatagramCounters = { received: 0, sent: 0, blocked: 0, failed: 0 };
  readonly #socket: UdpSocket;
  readonly #buffer: Uint8Array;
  readonly #onDatagram: (datagram: ReceivedDatagram) => void;

  /**
   * Attaches `socket`, which belongs to it from now on.
   *
   * @param buffer where each datagram is received. 65536 bytes cut none.
   * @param onDatagram called for each datagram, whose bytes are in `buffer` until it returns. A
   * system error that it throws is counted; any other ends the loop's `run`.
   * @throws what `Registry.register` throws.
   */
  constructor(
    loop: Loop,
    socket: UdpSocket,
    buffer: Uint8Array,
    onDatagram: (datagram: ReceivedDatagram) => void,
  ) {
    super(loop, socket, Interest.READABLE);
    this.#socket = socket;
    this.#buffer = buffer;
    this.#onDatagram = onDatagram;
    this.attach();
  }

  /**
   * Sends a datagram, as `UdpSocket.sendTo`.
   *
   * @returns whether it was sent. If not, it was dropped and counted.
   */
  sendTo(buffer: Uint8Array, to: SocketAddressLike, offset?: number, length?: number): boolean {
    return this.#sent(() => this.#socket.sendTo(buffer, to, offset, length));
  }

  /**
   * Like `sendTo`, to the sender of `datagram`, from the address that it was sent to if that is
   * known.
   */
  replyTo(
    buffer: Uint8Array,
    datagram: ReceivedDatagram,
    offset?: number,
    length?: number,
  ): boolean {
    return this.#sent(() => this.#socket.replyTo(buffer, datagram, offset, length));
  }

  /** Like `sendTo`, to the connected peer. */
  send(buffer: Uint8Array, offset?: number, length?: number): boolean {
    return this.#sent(() => this.#socket.send(buffer, offset, length));
  }

  /** Closes the socket. Does nothing the second time. */
  close(): void {
    this.#socket.close();
    this.forget();
  }

  // Whatever the event says: an error shows in the next receive.
  override onReady(_event: Event): void {
    for (let i = 0; i < MOST && this.attached; i++) {
      try {
        const datagram = this.#socket.recvFrom(this.#buffer);
        if (datagram === WouldBlock) return;
        this.counters.received++;
        this.#onDatagram(datagram);
      } catch (error) {
        this.#failed(error);
      }
    }
    this.wake();
  }

  #sent(send: () => number | WouldBlock): boolean {
    try {
      if (send() === WouldBlock) {
        this.counters.blocked++;
        return false;
      }
      this.counters.sent++;
      return true;
    } catch (error) {
      this.#failed(error);
      return false;
    }
  }

  #failed(error: unknown): void {
    if (!isSystemError(error)) throw error;
    this.counters.failed++;
  }
}
