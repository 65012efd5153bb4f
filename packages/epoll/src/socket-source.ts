import type { DescriptorRegistration } from '@evloop/core';
import { DescriptorSource } from './descriptor-source.ts';
import {
  getRawOption,
  getSocketOption,
  type SocketOption,
  type SocketOptionName,
  setRawOption,
  setSocketOption,
} from './socket-options.ts';

/** A source whose descriptor is a socket: its options. */
export abstract class SocketSource<
  R extends DescriptorRegistration = DescriptorRegistration,
> extends DescriptorSource<R> {
  /**
   * The socket option `name`, as the kernel has it, which may differ from what was set: buffers are doubled, times rounded.
   *
   * @throws TypeError for a name that is none; a `SystemError`, `ENOPROTOOPT` or `ENOTSUP`, where this kind of socket has no such option.
   */
  socketOption<N extends SocketOptionName>(name: N): SocketOption<N> {
    return getSocketOption(this.openFd(), name);
  }

  /** Sets the socket option `name`. @throws as `socketOption`; TypeError or RangeError for a value that is none; `EPERM`; `EINVAL` when it is too late. */
  setSocketOption<N extends SocketOptionName>(name: N, value: SocketOption<N>): void {
    setSocketOption(this.openFd(), name, value);
  }

  /**
   * The bytes of any option: getsockopt(2), with the kernel's numbers (`constants`).
   *
   * @param size how many bytes at the most; an `int`'s where it is left out.
   * @throws a `SystemError`; RangeError for levels and options whose value is more than bytes.
   */
  getOption(level: number, option: number, size = 4): Uint8Array {
    return getRawOption(this.openFd(), level, option, size);
  }

  /** Sets any option: setsockopt(2). @throws as `getOption`. */
  setOption(level: number, option: number, value: Uint8Array): void {
    setRawOption(this.openFd(), level, option, value);
  }
}
