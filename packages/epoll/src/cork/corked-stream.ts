import { type SystemError, WouldBlock } from '@evloop/core';
import { checkRange, type DescriptorRegistration } from '@evloop/core/backend';
import { errnoError } from '../native/errno-error.ts';
import { native } from '../native/native.ts';
import type { Cork, CorkWriter } from './cork.ts';
import { HeldBytes, type HeldFor } from './held-bytes.ts';

const { EAGAIN, EINTR, EPIPE } = native.constants;

/** The writes of a stream that is registered with a corked poll. */
export class CorkedStream implements CorkWriter, HeldFor {
  readonly fd: number;
  readonly cork: Cork;
  /** The batch of the cork in which this stream has an entry. */
  batch = 0;
  /**
   * A write was taken by the kernel, and no end or error was seen since: the next is likely to be.
   */
  established = false;
  /** Where reports go; `undefined` while the stream is not registered with the poll of the cork. */
  registration: DescriptorRegistration | undefined;
  #held: HeldBytes | undefined;
  #errno = 0;
  #shut = false;

  constructor(fd: number, cork: Cork) {
    this.fd = fd;
    this.cork = cork;
  }

  /** Whether the kernel has not yet taken bytes that `write` took. */
  get holding(): boolean {
    return this.#held !== undefined;
  }

  /**
   * Takes a write. @returns what `write` is to return; `undefined` if it is to be sent at once.
   *
   * @throws the error of a write that was held.
   */
  write(buffer: Uint8Array, offset: number, length: number): number | WouldBlock | undefined {
    if (!this.established || !this.cork.holds(length)) {
      return this.blocked() ? WouldBlock : undefined;
    }
    checkRange(buffer, offset, length);
    this.cork.prepare(this, length);
    if (this.#errno !== 0 || this.#held !== undefined || this.#shut) {
      return this.blocked() ? WouldBlock : undefined;
    }
    this.cork.hold(this, buffer, offset, length);
    return length;
  }

  /**
   * Sends what is held, so that another operation may follow it. @returns whether bytes are left
   * that the kernel did not take.
   *
   * @throws the error of a write that was held.
   */
  blocked(): boolean {
    this.flush();
    if (this.#errno !== 0) throw this.takeError();
    if (this.#shut) throw errnoError(-EPIPE, 'write');
    return this.#held !== undefined;
  }

  /** Sends what is held of this stream. */
  flush(): void {
    if (this.batch === this.cork.batch) this.cork.flush();
  }

  /** The error of a write that was held, once. */
  takeError(): SystemError | undefined {
    const errno = this.#errno;
    this.#errno = 0;
    return errno === 0 ? undefined : errnoError(-errno, 'write');
  }

  /** Shuts down writing once the kernel has everything. @returns whether that is later. */
  shutdownLater(): boolean {
    this.#shut = this.#held !== undefined;
    if (this.#held !== undefined) this.#held.shutdown = true;
    return this.#shut;
  }

  /** The kernel sent `result` of these bytes, or failed with `-result`. */
  onSent(result: number, bytes: Uint8Array): void {
    if (result < 0 && result !== -EAGAIN && result !== -EINTR) {
      this.onFailure(-result);
      return;
    }
    this.cork.counts.deferred++;
    const fd = HeldBytes.duplicate(this.fd);
    if (fd < 0) this.onFailure(-fd);
    else this.#held = new HeldBytes(this, fd, bytes.slice(Math.max(result, 0)));
  }

  onFailure(errno: number): void {
    this.cork.counts.refused++;
    this.established = false;
    this.#held = undefined;
    this.#errno = errno;
    if (this.registration !== undefined) this.cork.fail(this.registration);
  }

  /** The kernel has taken what was held: `write` takes more, and the poll says so. */
  onTaken(): void {
    this.#held = undefined;
    if (this.registration !== undefined) this.cork.watch.report(this.registration);
  }
}
