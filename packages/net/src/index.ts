/**
 * The backend on `node:net`: runs wherever Node's API runs.
 *
 * @packageDocumentation
 */
export { Poll } from './poll.ts';
export { TcpListener } from './tcp/tcp-listener.ts';
export { TcpStream } from './tcp/tcp-stream.ts';
export { UnixListener } from './unix/unix-listener.ts';
export { UnixStream } from './unix/unix-stream.ts';
export { UdpSocket } from '@evloop/udp';
export { ChannelRemoteWaker as RemoteWaker } from '@evloop/core';
export { supports } from './supports.ts';

/** See `Backend.name`. */
export const name = 'net';

export {
  BlockingPoll,
  DatagramBatch,
  Events,
  EvloopError,
  formatInterest,
  formatSocketAddress,
  Interest,
  isBlocking,
  isEvloopError,
  isExhausted,
  isTransient,
  Mode,
  Readiness,
  Ready,
  Registry,
  Token,
  toSocketAddress,
  Waker,
  WouldBlock,
} from '@evloop/core';
export type {
  Backend,
  DatagramBatchOptions,
  Event,
  EvloopErrorCode,
  MaybePromise,
  PollOptions,
  PollSignal,
  ReceivedDatagram,
  SocketAddress,
  SocketAddressLike,
  SocketOption,
  SocketOptionName,
  SocketOptions,
  Source,
  Supports,
  SystemError,
  TcpBindOptions,
  TcpConnectOptions,
  TcpListenerConstructor,
  TcpStreamConstructor,
  UdpBindOptions,
  UdpCounters,
  UdpQueueLimits,
  UdpSocketConstructor,
  UnixAddress,
  UnixBindOptions,
  UnixListenerConstructor,
  UnixStreamConstructor,
  WakerHandle,
} from '@evloop/core';
