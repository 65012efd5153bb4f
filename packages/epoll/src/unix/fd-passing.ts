import { type WithFds, WouldBlock } from '@evloop/core';
import { checkReadRange } from '@evloop/core/backend';
import { errnoError } from '../native/errno-error.ts';
import { native } from '../native/native.ts';
import { checkInteger } from '../native/socket-option.ts';

const { EAGAIN, EINTR, MSG_CTRUNC } = native.constants;

/** SCM_MAX_FD: the kernel's limit for one message. */
const MOST = 253;

/**
 * A socket. Reading its descriptor throws `EVLOOP_CLOSED` if it is closed: getters of the arguments
 * may close it.
 */
interface Open {
  readonly fd: number;
}

function checkOpen(socket: Open): number {
  return socket.fd;
}

/** Sends `buffer` and passes `fds`. */
export function sendWithFds(
  socket: Open,
  buffer: Uint8Array,
  fds: readonly number[],
): number | WouldBlock {
  checkOpen(socket);
  checkReadRange(buffer, 0, undefined);
  checkInteger('number of descriptors', fds.length, 1, MOST);
  for (const passed of fds) checkInteger('descriptor', passed, 0, 0x7fffffff);
  const passed = Int32Array.from(fds);
  const { fd } = socket;
  let size: number;
  do {
    size = native.sendmsgFds(fd, buffer, 0, buffer.byteLength, passed, 0);
  } while (size === -EINTR);
  if (size === -EAGAIN) return WouldBlock;
  if (size < 0) throw errnoError(size, 'sendmsg');
  return size;
}

/** Receives into `buffer`, with at most `most` descriptors. */
export function receiveWithFds(
  socket: Open,
  buffer: Uint8Array,
  most: number,
): WithFds | WouldBlock {
  checkOpen(socket);
  checkReadRange(buffer, 0, undefined);
  checkInteger('number of descriptors', most, 0, MOST);
  const fds = new Int32Array(most);
  const meta = new Uint32Array(2);
  const { fd } = socket;
  let size: number;
  do {
    size = native.recvmsgFds(fd, buffer, 0, buffer.byteLength, fds, meta, 0);
  } while (size === -EINTR);
  if (size === -EAGAIN) return WouldBlock;
  if (size < 0) throw errnoError(size, 'recvmsg');
  const [count = 0, flags = 0] = meta;
  return { size, fds: [...fds.subarray(0, count)], truncated: (flags & MSG_CTRUNC) !== 0 };
}
