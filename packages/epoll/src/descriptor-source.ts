import {
  DescriptorRegistration,
  type Interest,
  type Leftover,
  type Origin,
  type Registry,
  registrationOf,
  type Source,
  type SystemError,
  type Token,
  unwatchOrigin,
  watchOrigin,
} from '@evloop/core';
import { native } from './native.ts';
import { getIntOption } from './socket-option.ts';
import { systemError } from './system-error.ts';

const { SOL_SOCKET, SO_ERROR } = native.constants;

/** A descriptor that is owned, and what is to be done about it when its owner is lost. */
class Descriptor implements Leftover {
  readonly fd: number;
  readonly origin: Origin;

  constructor(fd: number, origin: Origin) {
    this.fd = fd;
    this.origin = origin;
  }

  release(): void {
    native.close(this.fd);
  }
}

/**
 * A source that owns a descriptor: registration, closing, and what becomes of one that is lost.
 */
export abstract class DescriptorSource<R extends DescriptorRegistration = DescriptorRegistration>
  implements Source, Disposable
{
  protected readonly registration: R;
  readonly #descriptor: Descriptor;

  /** Takes over `fd`, which nobody else may close from now on. */
  constructor(fd: number, origin: Origin) {
    this.registration = this.createRegistration(fd);
    this.#descriptor = new Descriptor(fd, origin);
    watchOrigin(this, this.#descriptor);
  }

  protected abstract createRegistration(fd: number): R;

  /** The registration of sources that remember nothing. */
  protected plainRegistration(fd: number): DescriptorRegistration {
    return new DescriptorRegistration(this, fd);
  }

  get [registrationOf](): DescriptorRegistration {
    return this.registration;
  }

  /** For `Registry`. */
  register(registry: Registry, token: Token, interest: Interest): void {
    this.registration.register(registry, token, interest);
  }

  /** For `Registry`. */
  reregister(registry: Registry, token: Token, interest: Interest): void {
    this.registration.reregister(registry, token, interest);
  }

  /** For `Registry`. */
  deregister(registry: Registry): void {
    this.registration.deregister(registry);
  }

  /** The descriptor, which stays the source's: do not close it, and read and write through the source. */
  get fd(): number {
    return this.openFd();
  }

  /** Closes the source but not its descriptor, which is the caller's from now on. It is deregistered, and stays non-blocking. */
  intoFd(): number {
    const fd = this.openFd();
    this.registration.close();
    unwatchOrigin(this.#descriptor);
    return fd;
  }

  close(): void {
    if (this.registration.closed) return;
    this.registration.close();
    unwatchOrigin(this.#descriptor);
    this.#descriptor.release();
  }

  [Symbol.dispose](): void {
    this.close();
  }

  /** Where the source was made: what it makes in turn shares it. */
  protected get origin(): Origin {
    return this.#descriptor.origin;
  }

  /** The descriptor of a source that is open. @throws `EVLOOP_CLOSED`. */
  protected openFd(): number {
    if (this.registration.closed) this.registration.checkOpen();
    return this.registration.fd;
  }

  /** The pending error of a socket, which the kernel then forgets. */
  protected takeSocketError(syscall: string): SystemError | undefined {
    const errno = getIntOption(this.openFd(), SOL_SOCKET, SO_ERROR);
    return errno === 0 ? undefined : systemError(-errno, syscall);
  }
}
