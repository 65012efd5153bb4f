import type { Interest, Registrar, Token } from '@evloop/core';
import {
  DescriptorRegistration,
  type Inspect,
  inspected,
  inspectSource,
  LeafSource,
  registrationOf,
} from '@evloop/core/backend';
import { native } from '../native/native.ts';
import { checkInteger } from '../native/socket-option.ts';

const { EPERM } = native.constants;

/**
 * Any descriptor that the kernel can poll, as a source: a terminal, a timerfd, an inotify instance,
 * a GPIO line (with `PRIORITY`), another library's socket.
 *
 * The descriptor stays its owner's: it is neither made non-blocking nor closed. Deregister or
 * `close()` before the owner closes it. A descriptor that is closed first is gone without an event.
 * Its source may be closed at any time: it never touches another file that has the number by then.
 * Reading and writing are the owner's too.
 *
 * Registering what cannot be polled (a regular file, a directory, `/dev/null`) fails with `EPERM`,
 * and what is closed with `EBADF`.
 */
export class SourceFd extends LeafSource implements Disposable {
  readonly #registration: DescriptorRegistration;

  /** @throws RangeError when `fd` is no descriptor number. */
  constructor(fd: number) {
    super();
    checkInteger('descriptor', fd, 0, 0x7fffffff);
    this.#registration = this.createRegistration(fd);
  }

  protected createRegistration(fd: number): DescriptorRegistration {
    return new DescriptorRegistration(this, fd);
  }

  /** The descriptor. */
  get fd(): number {
    return this.#registration.fd;
  }

  get [registrationOf](): DescriptorRegistration {
    return this.#registration;
  }

  /** What `console.log` prints. */
  [inspected](_depth: number, options: object, inspect?: Inspect): string {
    return inspectSource(this, this.#registration, options, inspect);
  }

  override register(registry: Registrar, token: Token, interest: Interest): void {
    try {
      super.register(registry, token, interest);
    } catch (error) {
      throw explained(error, this.fd);
    }
  }

  /**
   * Ends the source, and deregisters it. The descriptor stays open. Does nothing the second time.
   */
  close(): void {
    this.#registration.close();
  }

  [Symbol.dispose](): void {
    this.close();
  }
}

// epoll_ctl(2) says EPERM, which sounds like a lack of rights.
function explained(error: unknown, fd: number): unknown {
  if (error instanceof Error && (error as { errno?: number }).errno === -EPERM) {
    error.message += `: descriptor ${fd} cannot be polled (a regular file or a directory is always ready)`;
  }
  return error;
}
