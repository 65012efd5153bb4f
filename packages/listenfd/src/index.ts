/**
 * The protocols between a service and its supervisor: inherited sockets, as in sd_listen_fds(3),
 * and state notifications, as in sd_notify(3).
 *
 * @packageDocumentation
 */
export { ListenFds } from './listen-fds.ts';
export type { ListenFdsOptions } from './listen-fds.ts';
export { parseListenFds } from './parse-listen-fds.ts';
export type { Environment, ListenFd, ParsedListenFds } from './parse-listen-fds.ts';
export { Notifier } from './notifier.ts';
export type { NotifierOptions, NotifyBackend, NotifySocket } from './notifier.ts';
export { parseNotifySocket } from './parse-notify-socket.ts';
export type { ParsedNotifySocket } from './parse-notify-socket.ts';
export { socketKind } from './socket-kind.ts';
export type { SocketKind } from './socket-kind.ts';
