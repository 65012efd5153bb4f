import { checkReadRange, Interest, type SystemError, WouldBlock } from '@evloop/core';
import { DescriptorSource } from './descriptor-source.ts';
import { native } from './native.ts';
import { StreamRegistration } from './stream-registration.ts';
import { check, systemError } from './system-error.ts';

const { EAGAIN, EINTR, MSG_PEEK, SHUT_RD, SHUT_WR, SHUT_RDWR } = native.constants;
const HOW = { read: SHUT_RD, write: SHUT_WR, both: SHUT_RDWR };

/** The bytes of a stream socket: what TCP and Unix streams have in common. */
export abstract class StreamSocket extends DescriptorSource<StreamRegistration> {
  protected createRegistration(fd: number): StreamRegistration {
    return new StreamRegistration(this, fd);
  }

  read(
    buffer: Uint8Array,
    offset = 0,
    length: number = buffer.byteLength - offset,
  ): number | WouldBlock {
    const { registration } = this;
    if (registration.closed) registration.checkOpen();
    if (!(length > 0)) checkReadRange(buffer, offset, length);
    if (registration.drained) {
      registration.drained = false;
      return WouldBlock;
    }
    const size = native.recv(registration.fd, buffer, offset, length, 0);
    if (size < 0) return this.#wouldBlock(size, 'read') ?? this.read(buffer, offset, length);
    if (size < length && size > 0) registration.drained = this.relies(Interest.READABLE);
    return size;
  }

  peek(
    buffer: Uint8Array,
    offset = 0,
    length: number = buffer.byteLength - offset,
  ): number | WouldBlock {
    const fd = this.openFd();
    if (!(length > 0)) checkReadRange(buffer, offset, length);
    const size = native.recv(fd, buffer, offset, length, MSG_PEEK);
    return size < 0 ? (this.#wouldBlock(size, 'read') ?? this.peek(buffer, offset, length)) : size;
  }

  readv(buffers: readonly Uint8Array[]): number | WouldBlock {
    const fd = this.openFd();
    if (!buffers.some((buffer) => buffer.byteLength > 0)) checkReadRange(new Uint8Array(0), 0, 0);
    const size = native.readv(fd, buffers);
    return size < 0 ? (this.#wouldBlock(size, 'read') ?? this.readv(buffers)) : size;
  }

  write(
    buffer: Uint8Array,
    offset = 0,
    length: number = buffer.byteLength - offset,
  ): number | WouldBlock {
    const { registration } = this;
    if (registration.closed) registration.checkOpen();
    if (registration.full) {
      registration.full = false;
      return WouldBlock;
    }
    const size = native.send(registration.fd, buffer, offset, length, 0);
    if (size < 0) return this.#wouldBlock(size, 'write') ?? this.write(buffer, offset, length);
    if (size < length) registration.full = this.relies(Interest.WRITABLE);
    return size;
  }

  writev(buffers: readonly Uint8Array[]): number | WouldBlock {
    const size = native.writev(this.openFd(), buffers);
    return size < 0 ? (this.#wouldBlock(size, 'write') ?? this.writev(buffers)) : size;
  }

  shutdown(how: 'read' | 'write' | 'both'): void {
    const fd = this.openFd();
    const side = HOW[how];
    if (side === undefined) throw new TypeError(`how is 'read', 'write' or 'both', not ${how}`);
    check(native.shutdown(fd, side), 'shutdown');
  }

  /** Whether the edge that follows a short transfer is certain: see `StreamRegistration`. */
  protected relies(interest: Interest): boolean {
    return this.registration.relies(interest);
  }

  /** The error of a failed transfer. */
  protected failed(result: number, syscall: string): SystemError {
    return systemError(result, syscall);
  }

  /** `WouldBlock`, or `undefined` when the call was interrupted and is to be made again. */
  #wouldBlock(result: number, syscall: string): WouldBlock | undefined {
    if (result === -EAGAIN) return WouldBlock;
    if (result === -EINTR) return undefined;
    throw this.failed(result, syscall);
  }
}
