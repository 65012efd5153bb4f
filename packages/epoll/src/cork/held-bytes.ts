import { native } from '../native/native.ts';
import type { Cork } from './cork.ts';

const { EAGAIN, ECANCELED, EINTR, F_DUPFD_CLOEXEC, SHUT_WR } = native.constants;

/** The stream whose bytes are held. */
export interface HeldFor {
  readonly cork: Cork;
  /** The kernel has taken all of them. */
  onTaken(): void;
  onFailure(errno: number): void;
}

/**
 * Bytes that a held write took and the kernel did not.
 *
 * They have a descriptor of their own for the same socket. So they are sent whatever becomes of the
 * stream: it may be registered anew, deregistered or closed, and the socket stays open for them.
 */
export class HeldBytes {
  /** Whether writing is to be shut down behind them. */
  shutdown = false;
  readonly #stream: HeldFor;
  readonly #fd: number;
  readonly #bytes: Uint8Array;
  readonly #key: number;
  #sent = 0;

  /** @param fd from {@link duplicate}: it belongs to this object. */
  constructor(stream: HeldFor, fd: number, bytes: Uint8Array) {
    this.#stream = stream;
    this.#fd = fd;
    this.#bytes = bytes;
    this.#key = stream.cork.watch.watch(fd, () => this.#send());
    stream.cork.keep(this);
  }

  /** Another descriptor for the socket of `fd`, or `-errno`. */
  static duplicate(fd: number): number {
    return native.fcntl(fd, F_DUPFD_CLOEXEC, 0);
  }

  /** The poll is closed: what the kernel does not take now is an error of the stream. */
  end(): void {
    if (!this.#send()) this.#finish(ECANCELED);
  }

  /** Sends as much as the kernel takes. @returns whether that was the end of it. */
  #send(): boolean {
    const bytes = this.#bytes;
    for (;;) {
      const n = native.send(this.#fd, bytes, this.#sent, bytes.length - this.#sent, 0);
      if (n === -EAGAIN) return false;
      if (n === -EINTR) continue;
      if (n >= 0) this.#sent += n;
      if (n >= 0 && this.#sent < bytes.length) continue;
      this.#finish(n < 0 ? -n : 0);
      return true;
    }
  }

  #finish(errno: number): void {
    const { cork } = this.#stream;
    if (errno === 0 && this.shutdown) native.shutdown(this.#fd, SHUT_WR);
    cork.watch.unwatch(this.#fd, this.#key);
    native.close(this.#fd);
    cork.release(this);
    if (errno === 0) this.#stream.onTaken();
    else this.#stream.onFailure(errno);
  }
}
