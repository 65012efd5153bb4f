/**
 * What a backend is built from. Programs need none of it.
 *
 * A backend is a module with the exports of `Backend`:
 *
 * - `name`, and `supports`, which answers each of its questions
 * - `Poll`: a class that passes a {@link Selector} to core's {@link Poll}. {@link UserSpaceSelector} waits for sources in
 *   user space; a kernel backend implements {@link DescriptorSelector} too, and {@link BlockingSelector} to block
 * - `TcpListener`, `TcpStream`, `UnixListener`, `UnixStream`, `UdpSocket`: sources that keep the contracts of
 *   `@evloop/core`. {@link UserSpaceListener} and {@link UserSpaceStream} hold the life of a socket in user space
 * - `RemoteWaker`: {@link ChannelRemoteWaker} where the selector is a {@link UserSpaceSelector}
 * - the names of `@evloop/core`, by `export *`
 *
 * The tests of `@evloop/conformance` prove that it keeps the contract.
 *
 * @packageDocumentation
 */

export { parseIPv4, parseIPv6, splitZone } from './address/ip.ts';
export { decodeName, encodeName, NAME_STRIDE } from './address/sockaddr-name.ts';
export { checkUnixAddress } from './address/unix-address.ts';
export { observed } from './diagnostics/diagnostics.ts';
export { closedError, EvloopError, unsupportedError } from './errors.ts';
export { Alarm } from './host/alarm.ts';
export { host } from './host/host.ts';
export type { Timer } from './host/host.ts';
export { isEdge } from './interest.ts';
export { BlockingPoll } from './poll/blocking-poll.ts';
export { Poll } from './poll.ts';
export { DescriptorRegistration } from './registration/descriptor-registration.ts';
export type { Leftover, Origin } from './registration/origin.ts';
export { captureOrigin, unwatchOrigin, watchOrigin } from './registration/origin.ts';
export { UNMASKED } from './registration/ready.ts';
export type { Registration } from './registration/registration.ts';
export type { BlockingSelector, DescriptorSelector, Selector } from './selector.ts';
export { checkBacklog } from './sockets/backlog.ts';
export { checkRange, checkReadRange } from './sockets/byte-range.ts';
export { checkBatch, META_STRIDE } from './sockets/datagram-batch.ts';
export type { SocketOptionForm } from './sockets/socket-option-value.ts';
export {
  checkSocketOptionName,
  checkSocketOptionValue,
  givenSocketOptions,
  SOCKET_OPTION_FORMS,
} from './sockets/socket-option-value.ts';
export { registrationOf } from './source.ts';
export { asNodeCounts, linuxError, systemError } from './system-error.ts';
export { UserSpaceListener } from './user-space/user-space-listener.ts';
export { UserSpaceSelector } from './user-space/user-space-selector.ts';
export { UserSpaceSocket } from './user-space/user-space-socket.ts';
export { UserSpaceStream } from './user-space/user-space-stream.ts';
export { RemoteWaker as ChannelRemoteWaker } from './wake/channel-wake.ts';
export type { RemoteWake } from './wake/remote-wake.ts';
export { checkHandle } from './wake/remote-wake.ts';
