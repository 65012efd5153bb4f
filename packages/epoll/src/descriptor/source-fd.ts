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
 * The owner keeps the descriptor, and reads and writes it. This source neither makes it
 * non-blocking nor closes it. Deregister or `close()` the source before the owner closes the
 * descriptor. If the owner closes it first, no event tells. The source can be closed at any time:
 * it never touches another file that has the number by then.
 *
 * Registering a descriptor that cannot be polled (a regular file, a directory, `/dev/null`) fails
 * with `EPERM`, and a closed one with `EBADF`.
 */
export class SourceFd extends LeafSource implements Disposable {
  readonly #registration: DescriptorRegistration;

  /** @throws RangeError: `fd` is not a descriptor number. */
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
   * Closes the source, and deregisters it. The descriptor stays open. A second call does nothing.
   */
  close(): void {
    this.#registration.close();
  }

  [Symbol.dispose](): void {
    this.close();
  }
}

// epoll_ctl(2) returns EPERM, which looks like a missing privilege.
function explained(error: unknown, fd: number): unknown {
  if (error instanceof Error && (error as { errno?: number }).errno === -EPERM) {
    error.message += `: descriptor ${fd} cannot be polled (a regular file or a directory is always ready)`;
  }
  return error;
}
