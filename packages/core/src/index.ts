/**
 * The contract of evloop: the nouns, the checks, the lifecycle and user-space readiness. No backend, no `node:` module, no dependency.
 *
 * In reading order: what a program names, what it waits for, where it registers, what it waits on; then sockets; then
 * what backends build on.
 *
 * @packageDocumentation
 */
export { Token } from './token.ts';
export { Interest, Mode, formatInterest } from './interest.ts';
export type { Event } from './event.ts';
export { Events } from './events.ts';
export type { Source } from './source.ts';
export { Registry } from './registry.ts';
export { Poll } from './poll.ts';
export type { PollOptions, PollSignal } from './poll/poll-options.ts';
export type { PollStats, SyscallCounts } from './poll/poll-stats.ts';
export { BlockingPoll, isBlocking } from './poll/blocking-poll.ts';
export { Waker } from './waker.ts';
export type { RemoteWaker, RemoteWakerConstructor, WakerHandle } from './wake/remote-wake.ts';
export { WouldBlock } from './would-block.ts';

export { Ready } from './registration/ready.ts';
export { Readiness } from './registration/readiness.ts';

export { EvloopError, isEvloopError } from './errors.ts';
export type { EvloopErrorCode } from './errors.ts';
export { asNodeCounts, isExhausted, isTransient } from './system-error.ts';
export type { SystemError } from './system-error.ts';

export type { DiagnosticMessages, RegistrationMessage } from './diagnostics/diagnostics.ts';

export { formatSocketAddress, toSocketAddress } from './address/address.ts';
export type { SocketAddress, SocketAddressLike } from './address/address.ts';
export type {
  MaybePromise,
  TcpBindOptions,
  TcpListener,
  TcpListenerConstructor,
} from './sockets/tcp-listener.ts';
export type { ListenerSocket } from './sockets/listener-socket.ts';
export type { StreamSocket } from './sockets/stream-socket.ts';
export type {
  SocketOption,
  SocketOptionName,
  SocketOptions,
  SocketWithOptions,
} from './sockets/socket-options.ts';
export type { TcpConnectOptions, TcpStream, TcpStreamConstructor } from './sockets/tcp-stream.ts';
export type { ReceivedDatagram, UdpSocket, UdpSocketConstructor } from './sockets/udp-socket.ts';
export type { UdpBindOptions, UdpCounters, UdpQueueLimits } from './sockets/udp-options.ts';
export { DatagramBatch } from './sockets/datagram-batch.ts';
export type { DatagramBatchOptions } from './sockets/datagram-batch.ts';

export type { UnixAddress } from './address/unix-address.ts';
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
export type { BlockingSelector, DescriptorSelector, Selector } from './selector.ts';
export { isEdge } from './interest.ts';
export { Registration } from './registration/registration.ts';
export { registrationOf } from './source.ts';
export { DescriptorRegistration } from './registration/descriptor-registration.ts';
export { UserSpaceSelector } from './user-space/user-space-selector.ts';
export { UserSpaceSocket } from './user-space/user-space-socket.ts';
export { UserSpaceListener } from './user-space/user-space-listener.ts';
export { UserSpaceStream } from './user-space/user-space-stream.ts';
export { RemoteWaker as ChannelRemoteWaker } from './wake/channel-wake.ts';
export { checkHandle } from './wake/remote-wake.ts';
export type { RemoteWake } from './wake/remote-wake.ts';
export { Alarm } from './host/alarm.ts';
export { host } from './host/host.ts';
export type { Timer } from './host/host.ts';
export { ALL_READY, UNMASKED } from './registration/ready.ts';
export { observed } from './diagnostics/diagnostics.ts';
export { closedError, unsupportedError } from './errors.ts';
export { systemError } from './system-error.ts';
export { checkBacklog } from './sockets/backlog.ts';
export { checkRange, checkReadRange } from './sockets/byte-range.ts';
export { checkUnixAddress } from './address/unix-address.ts';
export {
  checkSocketOptionName,
  checkSocketOptionValue,
  givenSocketOptions,
  SOCKET_OPTION_FORMS,
} from './sockets/socket-option-value.ts';
export type { SocketOptionForm } from './sockets/socket-option-value.ts';
export { captureOrigin, unwatchOrigin, watchOrigin } from './registration/origin.ts';
export type { Leftover, Origin } from './registration/origin.ts';
export { formatIPv4, formatIPv6, parseIPv4, parseIPv6, splitZone } from './address/ip.ts';
export { decodeName, encodeName, NAME_STRIDE, sameName } from './address/sockaddr-name.ts';
export { checkBatch, MAX_SEGMENTS, META_STRIDE } from './sockets/datagram-batch.ts';
