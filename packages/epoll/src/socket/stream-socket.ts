import { Interest, type SystemError, WouldBlock } from '@evloop/core';
import { checkRange, checkReadRange, EvloopError } from '@evloop/core/backend';
import { type ErrorAddress, errnoError } from '../native/errno-error.ts';
import { isInside } from '../native/inside.ts';
import { receive, transmit } from '../native/message-calls.ts';
import { native } from '../native/native.ts';
import { checkSide, shutDown } from './shut-down.ts';
import { SocketSource } from './socket-source.ts';
import { StreamRegistration } from './stream-registration.ts';
import { queueDepths } from './tcp-info.ts';

const { EAGAIN, EINTR, MSG_PEEK } = native.constants;
const { readv, writev } = native;

/** The most buffers that one native call uses. */
const VECTOR_MAX = 64;

/** The bytes of a stream socket: the common part of TCP and Unix streams. */
export abstract class StreamSocket extends SocketSource<StreamRegistration> {
  protected createRegistration(fd: number): StreamRegistration {
    return new StreamRegistration(this, fd);
  }

  read(
    buffer: Uint8Array,
    offset = 0,
    length: number = buffer.byteLength - offset,
  ): number | WouldBlock {
    const { registration } = this;
    const inside = isInside(buffer, offset, length);
    if (registration.closed) registration.checkOpen();
    if (!inside) this.#check(checkReadRange, buffer, offset, length);
    if (registration.drained) {
      registration.drained = false;
      registration.syscalls.saved++;
      return WouldBlock;
    }
    registration.syscalls.made++;
    const size = receive(registration.fd, buffer, offset, length, 0);
    if (size > 0) {
      if (size < length) registration.drained = this.relies(Interest.READABLE);
      return size;
    }
    return this.#exceptional(size, 'read') ?? this.read(buffer, offset, length);
  }

  peek(
    buffer: Uint8Array,
    offset = 0,
    length: number = buffer.byteLength - offset,
  ): number | WouldBlock {
    const inside = isInside(buffer, offset, length);
    const fd = this.openFd();
    if (!inside) this.#check(checkReadRange, buffer, offset, length);
    this.registration.syscalls.made++;
    const size = receive(fd, buffer, offset, length, MSG_PEEK);
    if (size > 0) return size;
    return this.#exceptional(size, 'read') ?? this.peek(buffer, offset, length);
  }

  readv(buffers: readonly Uint8Array[]): number | WouldBlock {
    this.openFd();
    if (gather(buffers) === 0) checkReadRange(new Uint8Array(0), 0, 0);
    const fd = this.openFd();
    this.registration.syscalls.made++;
    const size = readv(fd, vector);
    vector.length = 0;
    if (size > 0) return size;
    return this.#exceptional(size, 'read') ?? this.readv(buffers);
  }

  write(
    buffer: Uint8Array,
    offset = 0,
    length: number = buffer.byteLength - offset,
  ): number | WouldBlock {
    const { registration } = this;
    const inside = isInside(buffer, offset, length);
    if (registration.closed) registration.checkOpen();
    if (!inside) this.#check(checkRange, buffer, offset, length);
    if (registration.full && length > 0) {
      registration.full = false;
      registration.syscalls.saved++;
      return WouldBlock;
    }
    const { corked } = registration;
    if (corked !== undefined) {
      const taken = corked.write(buffer, offset, length);
      if (taken !== undefined) return taken;
    }
    registration.syscalls.made++;
    const size = transmit(registration.fd, buffer, offset, length, 0);
    if (corked !== undefined && size > 0) corked.established = true;
    if (size < 0) return this.#exceptional(size, 'write') ?? this.write(buffer, offset, length);
    if (size < length) registration.full = this.relies(Interest.WRITABLE);
    return size;
  }

  writev(buffers: readonly Uint8Array[]): number | WouldBlock {
    this.openFd();
    gather(buffers);
    const fd = this.openFd();
    if (this.registration.corked?.blocked()) {
      vector.length = 0;
      return WouldBlock;
    }
    this.registration.syscalls.made++;
    const size = writev(fd, vector);
    vector.length = 0;
    return size < 0 ? (this.#exceptional(size, 'write') ?? this.writev(buffers)) : size;
  }

  shutdown(how: 'read' | 'write' | 'both'): void {
    const fd = this.openFd();
    checkSide(how);
    if (how === 'read' || !this.registration.corked?.shutdownLater()) shutDown(fd, how);
    else if (how === 'both') shutDown(fd, 'read');
    this.registration.onShutdown();
  }

  /**
   * Returns the bytes in the kernel's queues: unread ones, and those that the peer has not
   * acknowledged (or, on a Unix socket, read).
   */
  queueDepths(): { unread: number; unsent: number } {
    return queueDepths(this.openFd());
  }

  // Written bytes must leave before any other operation.
  protected override openFd(): number {
    this.registration.corked?.flush();
    return super.openFd();
  }

  protected override takeSocketError(syscall: string, at?: ErrorAddress): SystemError | undefined {
    return this.registration.corked?.takeError() ?? super.takeSocketError(syscall, at);
  }

  /** @throws EVLOOP_BUSY: the kernel has not taken all written bytes yet (corked polls). */
  override intoFd(): number {
    this.openFd();
    if (this.registration.corked?.holding) {
      throw new EvloopError('EVLOOP_BUSY', 'the stream holds bytes that the kernel has not taken');
    }
    return super.intoFd();
  }

  /** Returns whether an edge is certain to follow a short transfer: see `StreamRegistration`. */
  protected relies(interest: Interest): boolean {
    return this.registration.relies(interest);
  }

  /**
   * Returns the error of a failed transfer; `undefined` for a normal end of stream (`result` 0).
   */
  protected failure(result: number, syscall: string): SystemError | undefined {
    return result === 0 ? undefined : errnoError(result, syscall);
  }

  /**
   * Checks a range that is not plain. Then checks that the stream is still open: a getter of the
   * buffer may have closed it.
   */
  #check(check: typeof checkRange, buffer: Uint8Array, offset: number, length: number): void {
    check(buffer, offset, length);
    this.openFd();
  }

  /**
   * Returns the result of a transfer of no bytes; `undefined` if it was interrupted, so that the
   * caller repeats it.
   */
  #exceptional(result: number, syscall: string): number | WouldBlock | undefined {
    if (result === -EAGAIN) {
      // Programs read when an event has `error`, and the kernel does not know of this one.
      const error = this.registration.corked?.takeError();
      if (error !== undefined) throw error;
      return WouldBlock;
    }
    if (result === -EINTR) return undefined;
    const error = this.failure(result, syscall);
    if (error !== undefined) throw error;
    return result;
  }
}

/** The buffers of one call. Empty between calls. */
const vector: Uint8Array[] = [];

/**
 * Collects the buffers of one native call in {@link vector}. The program's array may have getters
 * that close the stream while the native layer has its descriptor.
 *
 * @returns the total number of bytes.
 * @throws TypeError: `buffers` is not an array of `Uint8Array`.
 */
function gather(buffers: readonly Uint8Array[]): number {
  if (!Array.isArray(buffers))
    throw new TypeError('invalid buffers (expected an array of Uint8Array)');
  vector.length = 0;
  let total = 0;
  for (const buffer of buffers as readonly Uint8Array[]) {
    const size = checkRange(buffer, 0, undefined);
    total += size;
    // If all buffers of one call were empty, its 0 would look like the end of the stream.
    if (size > 0 && vector.length < VECTOR_MAX) vector.push(buffer);
  }
  return total;
}
