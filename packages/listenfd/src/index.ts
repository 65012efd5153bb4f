/**
 * Socket activation: the sockets that a supervisor hands over, as sd_listen_fds(3) defines it.
 *
 * @packageDocumentation
 */
export { ListenFds } from './listen-fds.ts';
export type { ListenFdsOptions } from './listen-fds.ts';
export { parseListenFds } from './parse-listen-fds.ts';
export type { Environment, ListenFd, ParsedListenFds } from './parse-listen-fds.ts';
