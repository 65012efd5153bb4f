import type { SocketOption, SocketOptionName, SocketWithOptions } from '@evloop/core';
import { checkSocketOptionName, type DescriptorRegistration } from '@evloop/core/backend';
import { DescriptorSource } from '../descriptor/descriptor-source.ts';
import { getRawOption, getSocketOption, setRawOption, setSocketOption } from './socket-options.ts';

/** A source whose descriptor is a socket, with its options. */
export abstract class SocketSource<R extends DescriptorRegistration = DescriptorRegistration>
  extends DescriptorSource<R>
  implements SocketWithOptions
{
  /** The options of this kind of socket. */
  protected abstract get optionNames(): readonly SocketOptionName[];

  socketOption<N extends SocketOptionName>(name: N): SocketOption<N> {
    const fd = this.openFd();
    checkSocketOptionName(name, this.optionNames);
    return getSocketOption(fd, name);
  }

  setSocketOption<N extends SocketOptionName>(name: N, value: SocketOption<N>): void {
    const fd = this.openFd();
    checkSocketOptionName(name, this.optionNames);
    setSocketOption(fd, name, value);
  }

  getOption(level: number, option: number, size = 4): Uint8Array {
    return getRawOption(this.openFd(), level, option, size);
  }

  setOption(level: number, option: number, value: Uint8Array): void {
    setRawOption(this.openFd(), level, option, value);
  }
}
