import {
  type Backend,
  type RemoteWaker,
  type TcpBindOptions,
  type TcpConnectOptions,
  toSocketAddress,
  type WakerHandle,
} from '@evloop/core';
import { unsupportedError } from '@evloop/core/backend';
import type { Process } from '../host/process.ts';
import { SimTcpListener } from '../tcp/tcp-listener.ts';
import { SimTcpStream } from '../tcp/tcp-stream.ts';
import { SimPoll } from './sim-poll.ts';
import { supports } from './supports.ts';

/** See `Backend.RemoteWaker`. There are no handles, so it refuses all. */
export class SimRemoteWaker implements RemoteWaker {
  constructor(_handle: WakerHandle) {
    throw new TypeError('a simulated poll has no handles: other threads have no virtual time');
  }

  wake(): void {}

  close(): void {}

  [Symbol.dispose](): void {}
}

function noDescriptors(): never {
  throw unsupportedError('a simulated host inherits no descriptors');
}

/** Makes the backend of one simulated process. */
export function makeBackend(process: Process): Backend {
  class Poll extends SimPoll {
    constructor() {
      super(process);
    }
  }
  return {
    name: 'sim',
    supports,
    Poll,
    RemoteWaker: SimRemoteWaker,
    TcpListener: {
      bind: (address, options: TcpBindOptions = {}) =>
        new SimTcpListener(process, toSocketAddress(address), options),
      fromFd: noDescriptors,
    },
    TcpStream: {
      connect(address, options: TcpConnectOptions = {}) {
        process.checkAlive();
        const remote = toSocketAddress(address);
        const stream = new SimTcpStream(process);
        stream.begin('socket', () => stream.open(remote, options));
        return stream;
      },
      fromFd: noDescriptors,
    },
    UdpSocket: {} as never,
    UnixListener: {} as never,
    UnixStream: {} as never,
  };
}
