import type { Loop } from '@evloop/service';
import { EvloopSocket, type EvloopSocketOptions } from './evloop-socket.ts';
import type { SocketConnectOptions, SocketTarget } from './socket-target.ts';

/**
 * Begins to connect and returns at once. What is written before the connection is made is queued,
 * as much as `highWaterMark` says.
 *
 * @param target `{ host, port }` or `{ path }`. A host with several addresses is connected to with
 * Happy Eyeballs version 2: see `connect` of `@evloop/service`.
 * @throws RangeError: the port is not from 1 to 65535, or an option is out of range.
 */
export function connectSocket(
  loop: Loop,
  target: SocketTarget,
  options: EvloopSocketOptions & SocketConnectOptions = {},
): EvloopSocket {
  return new EvloopSocket(loop, options).connect({ ...options, ...target });
}
