import type { Loop, Stream } from '@evloop/service';
import { EvloopSocket, type EvloopSocketOptions } from './evloop-socket.ts';

/**
 * Makes a stream of Node of `stream`, which is connecting or connected, registered nowhere, and
 * belongs to the socket from now on.
 *
 * @throws what `Registry.register` throws. RangeError: an option is out of range.
 */
export function toDuplex(
  stream: Stream,
  loop: Loop,
  options: EvloopSocketOptions = {},
): EvloopSocket {
  const socket = new EvloopSocket(loop, options);
  socket.adopt(stream);
  return socket;
}
