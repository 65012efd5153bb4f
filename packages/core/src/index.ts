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
export type { PollOptions, PollSignal } from './poll-options.ts';
export type { PollStats, SyscallCounts } from './poll-stats.ts';
export { BlockingPoll, isBlocking } from './blocking-poll.ts';
export { Waker } from './waker.ts';
export type { RemoteWaker, RemoteWakerConstructor, WakerHandle } from './remote-wake.ts';
export { WouldBlock } from './would-block.ts';

export { Ready } from './ready.ts';
export { Readiness } from './readiness.ts';

export { EvloopError, isEvloopError } from './errors.ts';
export type { EvloopErrorCode } from './errors.ts';
export { asNodeCounts, isExhausted, isTransient } from './system-error.ts';
export type { SystemError } from './system-error.ts';

export type { DiagnosticMessages, RegistrationMessage } from './diagnostics.ts';

export { formatSocketAddress, toSocketAddress } from './address.ts';
export type { SocketAddress, SocketAddressLike } from './address.ts';
export type {
  MaybePromise,
  TcpBindOptions,
  TcpListener,
  TcpListenerConstructor,
} from './tcp-listener.ts';
export type { ListenerSocket } from './listener-socket.ts';
export type { StreamSocket } from './stream-socket.ts';
export type {
  SocketOption,
  SocketOptionName,
  SocketOptions,
  SocketWithOptions,
} from './socket-options.ts';
export type { TcpConnectOptions, TcpStream, TcpStreamConstructor } from './tcp-stream.ts';
export type { ReceivedDatagram, UdpSocket, UdpSocketConstructor } from './udp-socket.ts';
export type { UdpBindOptions, UdpCounters, UdpQueueLimits } from './udp-options.ts';
export { DatagramBatch } from './datagram-batch.ts';
export type { DatagramBatchOptions } from './datagram-batch.ts';

export type { UnixAddress } from './unix-address.ts';
export type { Credentials, UnixStream, UnixStreamConstructor, WithFds } from './unix-stream.ts';
export type { UnixBindOptions, UnixListener, UnixListenerConstructor } from './unix-listener.ts';

export type { Backend } from './backend.ts';
export type { Supports } from './supports.ts';
export type { BlockingSelector, DescriptorSelector, Selector } from './selector.ts';
export { isEdge } from './interest.ts';
export { Registration } from './registration.ts';
export { registrationOf } from './source.ts';
export { DescriptorRegistration } from './descriptor-registration.ts';
export { UserSpaceSelector } from './user-space-selector.ts';
export { UserSpaceSocket } from './user-space-socket.ts';
export { UserSpaceListener } from './user-space-listener.ts';
export { UserSpaceStream } from './user-space-stream.ts';
export { RemoteWaker as ChannelRemoteWaker } from './channel-wake.ts';
export { checkHandle } from './remote-wake.ts';
export type { RemoteWake } from './remote-wake.ts';
export { Alarm } from './alarm.ts';
export { ALL_READY, UNMASKED } from './ready.ts';
export { observed } from './diagnostics.ts';
export { closedError, unsupportedError } from './errors.ts';
export { systemError } from './system-error.ts';
export { checkBacklog } from './backlog.ts';
export { checkRange, checkReadRange } from './byte-range.ts';
export { checkUnixAddress } from './unix-address.ts';
export {
  checkSocketOptionName,
  checkSocketOptionValue,
  givenSocketOptions,
  SOCKET_OPTION_FORMS,
} from './socket-option-value.ts';
export type { SocketOptionForm } from './socket-option-value.ts';
export { captureOrigin, unwatchOrigin, watchOrigin } from './origin.ts';
export type { Leftover, Origin } from './origin.ts';
export { formatIPv4, formatIPv6, parseIPv4, parseIPv6, splitZone } from './ip.ts';
export { decodeName, encodeName, NAME_STRIDE, sameName } from './sockaddr-name.ts';
export { checkBatch, MAX_SEGMENTS, META_STRIDE } from './datagram-batch.ts';
