/// <reference lib="esnext.disposable" preserve="true" />
/**
 * What a backend is built from. Programs need none of it.
 *
 * A backend is a module with the exports of `Backend`:
 *
 * - `name`, and `supports`, which answers each of its questions
 * - `Poll`: a class that passes a {@link Selector} to core's {@link Poll}.
 *   {@link UserSpaceSelector} waits for sources in user space; a kernel backend implements
 *   {@link DescriptorSelector} too, and {@link BlockingSelector} to block
 * - `TcpListener`, `TcpStream`, `UnixListener`, `UnixStream`, `UdpSocket`: sources that keep the
 *   contracts of `@evloop/core`. {@link UserSpaceListener} and {@link UserSpaceStream} hold the
 *   life of a socket in user space
 * - `RemoteWaker`: {@link ChannelRemoteWaker} where the selector is a {@link UserSpaceSelector}
 * - the names of `@evloop/core`, by `export *`
 *
 * The tests of `@evloop/conformance` prove that it keeps the contract.
 *
 * @packageDocumentation
 */
export type {
  BlockingSelector,
  DescriptorSelector,
  Selector,
  WatchedDescriptor,
} from './selector.ts';
export { Poll } from './poll.ts';
export { BlockingPoll } from './poll/blocking-poll.ts';
export { takesCork } from './poll/poll-constructor-options.ts';
export { UserSpaceSelector } from './user-space/user-space-selector.ts';
export { isFull, pushEvent } from './events.ts';
export { Alarm } from './host/alarm.ts';
export { host } from './host/host.ts';
export type { Timer } from './host/host.ts';
export { checkHandle } from './wake/remote-wake.ts';
export type { RemoteWake } from './wake/remote-wake.ts';
export { RemoteWaker as ChannelRemoteWaker } from './wake/channel-wake.ts';

export { registrationOf } from './source.ts';
export { LeafSource } from './registration/leaf-source.ts';
export type { Registration } from './registration/registration.ts';
export { DescriptorRegistration } from './registration/descriptor-registration.ts';
export { descriptors, forget, readyList } from './registration/registrar.ts';
export { queueEntry, take } from './registration/ready-list.ts';
export { generation } from './events.ts';
export { isEdge } from './interest.ts';
export { UNMASKED } from './registration/ready.ts';
export { captureOrigin } from './registration/origin.ts';
export type { Origin } from './registration/origin.ts';
export { unwatchOrigin, watchOrigin } from './registration/lost-source.ts';
export type { Leftover } from './registration/lost-source.ts';

export { UserSpaceSocket } from './user-space/user-space-socket.ts';
export { UserSpaceDatagram } from './user-space/user-space-datagram.ts';
export { UserSpaceListener } from './user-space/user-space-listener.ts';
export { UserSpaceStream } from './user-space/user-space-stream.ts';

export { closedError, EvloopError, unsupportedError } from './errors.ts';
export { asNodeCounts, linuxError, systemError } from './system-error.ts';
export { observed } from './diagnostics/error-channel.ts';

export { inspectAs, inspected, inspectSource } from './diagnostics/inspection.ts';
export type { Inspect } from './diagnostics/inspection.ts';
export { checkBacklog } from './sockets/backlog.ts';
export { byteLengthOf, checkRange, checkReadRange } from './sockets/byte-range.ts';
export {
  checkSocketOptionName,
  checkSocketOptionValue,
  givenSocketOptions,
  SOCKET_OPTION_FORMS,
} from './sockets/socket-option-value.ts';
export type { SocketOptionForm } from './sockets/socket-option-value.ts';
export { checkBatch } from './sockets/datagram-batch.ts';
export {
  fitsFamily,
  MessageBits,
  MessageInfo,
  META_STRIDE,
  sendThroughIPv4,
  timeOf,
  writeControl,
} from './sockets/message-words.ts';
export { checkUnixAddress } from './address/unix-address.ts';
export { formatIPv4, formatIPv6, parseIPv4, parseIPv6, splitZone } from './address/ip.ts';
export { decodeName, encodeName, NAME_STRIDE } from './address/sockaddr-name.ts';
