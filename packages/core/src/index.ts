/// <reference lib="esnext.disposable" preserve="true" />
/**
 * The contract of evloop, for programs: what a program names, waits for and registers, and what its
 * sockets can do.
 *
 * This entry point contains no backend, no `node:` module and no dependency. Authors of backends
 * find the rest in `@evloop/core/backend`.
 *
 * Read in this order: tokens and interests, `Poll`, `Registry`, `Source`; then errors and sockets.
 *
 * @packageDocumentation
 */
export { Token } from './token.ts';
export { formatInterest, Interest, Mode } from './interest.ts';
export type { Event } from './event.ts';
export { Events } from './events.ts';
export type { Source } from './source.ts';
export type { DeregistrationMessage, RegistrationMessage, Registry } from './registry.ts';
export type { Registrar } from './registration/registrar.ts';
export type { Poll, PollMessage } from './poll.ts';
export type { PollOptions, PollSignal } from './poll/poll-options.ts';
export type { PollConstructorOptions } from './poll/poll-constructor-options.ts';
export type { CorkCounts, PollStats, SyscallCounts } from './poll/poll-stats.ts';
export type { BlockingPoll } from './poll/blocking-poll.ts';
export { isBlocking } from './poll/blocking-poll.ts';
export { Waker } from './waker.ts';
export type { RemoteWaker, RemoteWakerConstructor, WakerHandle } from './wake/remote-wake.ts';
export { WouldBlock } from './would-block.ts';

export { Ready } from './registration/ready.ts';
export { Readiness } from './registration/readiness.ts';

export type { EvloopError, EvloopErrorCode } from './errors.ts';
export { isEvloopError } from './errors.ts';
export type { SystemError } from './system-error.ts';
export { isExhausted, isTransient } from './system-error.ts';
export type { DiagnosticMessages } from './diagnostics/diagnostics.ts';

export { formatSocketAddress, toSocketAddress } from './address/address.ts';
export type { SocketAddress, SocketAddressLike } from './address/address.ts';
export type { UnixAddress } from './address/unix-address.ts';
export type { StreamSocket } from './sockets/stream-socket.ts';
export { LingeringClose } from './sockets/lingering-close.ts';
export type { LingeringCloseOptions } from './sockets/lingering-close.ts';
export type { ListenerSocket } from './sockets/listener-socket.ts';
export type {
  SocketOption,
  SocketOptionName,
  SocketOptions,
  SocketWithOptions,
  Steering,
} from './sockets/socket-options.ts';
export type { MaybePromise } from './sockets/maybe-promise.ts';
export type {
  TcpBindOptions,
  TcpListener,
  TcpListenerConstructor,
} from './sockets/tcp-listener.ts';
export type { TcpConnectOptions, TcpStream, TcpStreamConstructor } from './sockets/tcp-stream.ts';
export type { ReceivedDatagram, UdpSocket, UdpSocketConstructor } from './sockets/udp-socket.ts';
export type { UdpBindOptions, UdpCounters, UdpQueueLimits } from './sockets/udp-options.ts';
export { DatagramBatch } from './sockets/datagram-batch.ts';
export type { MulticastSocket } from './sockets/multicast-socket.ts';
export type { DatagramInfo, QueuedError, SendControl } from './sockets/datagram-control.ts';
export type { DatagramBatchOptions } from './sockets/datagram-memory.ts';
export type {
  Credentials,
  UnixStream,
  UnixStreamConstructor,
  WithFds,
} from './sockets/unix-stream.ts';
export type {
  UnixBindOptions,
  UnixListener,
  UnixListenerConstructor,
} from './sockets/unix-listener.ts';

export type { Backend, Unavailable } from './sockets/backend.ts';
export type { Supports } from './sockets/supports.ts';
