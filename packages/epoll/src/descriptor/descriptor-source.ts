import type { Interest, Registrar, SystemError, Token } from '@evloop/core';
import {
  DescriptorRegistration,
  type Inspect,
  inspected,
  inspectSource,
  LeafSource,
  type Leftover,
  type Origin,
  registrationOf,
} from '@evloop/core/backend';
import { type ErrorAddress, errnoError } from '../native/errno-error.ts';
import { native } from '../native/native.ts';
import { getIntOption } from '../native/socket-option.ts';
import { unwatchOrigin, watchDescriptor, watchLater } from './lost-sources.ts';

const { SOL_SOCKET, SO_ERROR } = native.constants;

/** A source that owns a descriptor: registration, closing, and the watch for lost sources. */
export abstract class DescriptorSource<R extends DescriptorRegistration = DescriptorRegistration>
  extends LeafSource
  implements Disposable
{
  protected readonly registration: R;
  /** Where the source was made. Sources that it makes share it. */
  protected readonly origin: Origin;
  #watched: Leftover | undefined;

  /** Takes over `fd`, which is in the ledger of the thread: see `Binding.own`. */
  constructor(fd: number, origin: Origin) {
    super();
    this.registration = this.createRegistration(fd);
    this.origin = origin;
    this.#watched = undefined;
    watchLater(this);
  }

  protected abstract createRegistration(fd: number): R;

  /** Makes the registration of sources that remember nothing. */
  protected plainRegistration(fd: number): DescriptorRegistration {
    return new DescriptorRegistration(this, fd);
  }

  get [registrationOf](): DescriptorRegistration {
    return this.registration;
  }

  /** What `console.log` prints. */
  [inspected](_depth: number, options: object, inspect?: Inspect): string {
    return inspectSource(this, this.registration, options, inspect);
  }

  override register(registry: Registrar, token: Token, interest: Interest): void {
    super.register(registry, token, interest);
    if (this.#watched !== undefined) this.#unwatch();
  }

  override deregister(registry: Registrar): void {
    super.deregister(registry);
    watchLater(this);
  }

  /** For `lost-sources.ts`. */
  watch(): void {
    const { closed, registry, fd } = this.registration;
    if (closed || registry !== undefined || this.#watched !== undefined) return;
    this.#watched = watchDescriptor(this, fd, this.origin);
  }

  /** The descriptor. The source owns it: do not close it, and read and write through the source. */
  get fd(): number {
    return this.openFd();
  }

  /**
   * Closes the source but not its descriptor, which the caller owns from now on. The source is
   * deregistered, and the descriptor stays non-blocking.
   */
  intoFd(): number {
    const fd = this.openFd();
    this.registration.close();
    this.#unwatch();
    native.disown(fd);
    return fd;
  }

  close(): void {
    if (this.registration.closed) return;
    this.registration.close();
    if (this.#watched !== undefined) this.#unwatch();
    native.close(this.registration.fd);
  }

  [Symbol.dispose](): void {
    this.close();
  }

  /** The descriptor of an open source. @throws EVLOOP_CLOSED: the source is closed. */
  protected openFd(): number {
    if (this.registration.closed) this.registration.checkOpen();
    return this.registration.fd;
  }

  /** Takes the pending error of a socket. The kernel then forgets it. */
  protected takeSocketError(syscall: string, at?: ErrorAddress): SystemError | undefined {
    const errno = getIntOption(this.openFd(), SOL_SOCKET, SO_ERROR);
    return errno === 0 ? undefined : errnoError(-errno, syscall, at);
  }

  #unwatch(): void {
    if (this.#watched !== undefined) unwatchOrigin(this.#watched);
    this.#watched = undefined;
  }
}
