import {
  type Backend,
  type RemoteWaker,
  type TcpBindOptions,
  type TcpConnectOptions,
  toSocketAddress,
  type UdpBindOptions,
  type UnixBindOptions,
  type WakerHandle,
} from '@evloop/core';
import { checkUnixAddress, unsupportedError } from '@evloop/core/backend';
import type { Process } from '../host/process.ts';
import { SimTcpListener } from '../tcp/tcp-listener.ts';
import { SimTcpStream } from '../tcp/tcp-stream.ts';
import { SimUdpSocket } from '../udp/udp-socket.ts';
import { connectUnix, SimUnixListener } from '../unix/unix-listener.ts';
import { SimUnixStream } from '../unix/unix-stream.ts';
import { checkName, checkOptions } from './like.ts';
import { SimPoll } from './sim-poll.ts';

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
  const { supports } = process;
  return {
    name: 'sim',
    supports,
    Poll,
    RemoteWaker: SimRemoteWaker,
    TcpListener: {
      bind(address, options: TcpBindOptions = {}) {
        checkOptions(options, supports.tcpListenerOptions);
        return new SimTcpListener(process, toSocketAddress(address), options);
      },
      fromFd: noDescriptors,
    },
    TcpStream: {
      connect(address, options: TcpConnectOptions = {}) {
        process.checkAlive();
        const remote = toSocketAddress(address);
        checkOptions(options, supports.tcpStreamOptions);
        const stream = new SimTcpStream(process);
        stream.begin('socket', () => stream.open(remote, options));
        return stream;
      },
      fromFd: noDescriptors,
    },
    UdpSocket: {
      bind(address, options: UdpBindOptions = {}) {
        if (!supports.udpReusePort && options.socket?.reusePort === true) {
          checkOptions(options, supports.udpOptions);
        }
        return new SimUdpSocket(process, toSocketAddress(address), options);
      },
      fromFd: noDescriptors,
    },
    UnixListener: {
      bind(path, options: UnixBindOptions = {}) {
        checkName(path, supports);
        return new SimUnixListener(process, path, options);
      },
      fromFd: noDescriptors,
    },
    UnixStream: {
      connect(path) {
        process.checkAlive();
        checkUnixAddress(path);
        checkName(path, supports);
        const stream = new SimUnixStream(process);
        stream.begin('socket', () => connectUnix(stream, path));
        return stream;
      },
      pair() {
        process.checkAlive();
        if (!supports.unixPair) throw unsupportedError('this backend makes no pairs of streams');
        const [one, other] = [new SimUnixStream(process), new SimUnixStream(process)];
        one.begin('socketpair', () => {});
        other.begin('socketpair', () => {});
        SimUnixStream.join(one, other, '');
        return [one, other];
      },
      fromFd: noDescriptors,
    },
  };
}
