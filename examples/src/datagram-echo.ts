import { type ReceivedDatagram, type UdpSocket, WouldBlock } from '@evloop/core';
import { isSystemError } from './program.ts';
import type { Service } from './run-loop.ts';

/** The largest datagram there is has fewer bytes, so none is cut. */
const buffer = new Uint8Array(0x10000);

/** So many are echoed before the loop has a look at its signals and timers. */
const MOST = 256;

/** Sends datagrams back to their senders, empty ones too. What cannot be sent now is dropped: UDP promises nothing else. */
export class DatagramEcho implements Service {
  readonly #socket: UdpSocket;
  #readable = false;
  #echoed = 0;
  #blocked = 0;
  #failed = 0;

  constructor(socket: UdpSocket) {
    this.#socket = socket;
  }

  // Whatever the event says: an error shows in the next receive.
  onEvent(): void {
    this.#readable = true;
  }

  work(): 'again' | 'wait' {
    for (let i = 0; i < MOST && this.#readable; i++) this.#next();
    return this.#readable ? 'again' : 'wait';
  }

  /** What has become of the datagrams, in a line. */
  summary(): string {
    const { queueDrops, kernelDrops = 0 } = this.#socket.counters();
    return (
      `${this.#echoed} datagrams echoed; ${this.#blocked} not sent for want of room, ${this.#failed} refused; ` +
      `${queueDrops + kernelDrops} lost before they were received`
    );
  }

  #next(): void {
    try {
      const datagram = this.#socket.recvFrom(buffer);
      if (datagram === WouldBlock) this.#readable = false;
      else this.#reply(datagram);
    } catch (error) {
      // About an earlier datagram, or this reply (a forged sender, say). The socket goes on.
      if (!isSystemError(error)) throw error;
      this.#failed++;
    }
  }

  #reply(datagram: ReceivedDatagram): void {
    if (this.#socket.replyTo(buffer, datagram, 0, datagram.size) === WouldBlock) this.#blocked++;
    else this.#echoed++;
  }
}
