import { NAME_SIZE, WORDS, sharedWords as words } from './binding.ts';
import { native } from './native.ts';

// Constants, so that each call knows its function.
const { epollWait, recv, recvfrom, recvmmsg, send, sendto, sendmmsg } = native;

const INT32_MAX = 0x7fffffff;

/** The name that {@link receiveFrom} writes, and {@link transmitTo} reads. */
export const messageName: Uint8Array = new Uint8Array(
  words.buffer,
  WORDS * Int32Array.BYTES_PER_ELEMENT,
  NAME_SIZE,
);

/** The words of {@link messageName}. */
export const messageNameWords: Int32Array = words.subarray(WORDS);

/*
 * The calls that a message costs, with their arguments in shared words, which takes a third to a half off their way into C: see
 * docs/performance.md. What is no integer, negative or too large goes the other way, and is refused there.
 */

/** epoll_wait(2), for as many events as the first `length` bytes have room for. */
export function awaitEvents(
  epfd: number,
  events: Uint8Array,
  length: number,
  timeoutMs: number,
): number {
  if (give(epfd, 0, length, timeoutMs)) return epollWait(events);
  return epollWait(epfd, events, 0, length, timeoutMs);
}

/** recv(2). */
export function receive(
  fd: number,
  buffer: Uint8Array,
  offset: number,
  length: number,
  flags: number,
): number {
  if (give(fd, offset, length, flags)) return recv(buffer);
  return recv(fd, buffer, offset, length, flags);
}

/** recvfrom(2): the sender is in {@link messageName} until the next call. */
export function receiveFrom(
  fd: number,
  buffer: Uint8Array,
  offset: number,
  length: number,
  flags: number,
): number {
  if (give(fd, offset, length, flags)) return recvfrom(buffer);
  return recvfrom(fd, buffer, offset, length, flags, messageName);
}

/** send(2). */
export function transmit(
  fd: number,
  buffer: Uint8Array,
  offset: number,
  length: number,
  flags: number,
): number {
  if (give(fd, offset, length, flags)) return send(buffer);
  return send(fd, buffer, offset, length, flags);
}

/** sendto(2), to {@link messageName}. */
export function transmitTo(
  fd: number,
  buffer: Uint8Array,
  offset: number,
  length: number,
  flags: number,
): number {
  if (give(fd, offset, length, flags)) return sendto(buffer);
  return sendto(fd, buffer, offset, length, flags, messageName);
}

/** recvmmsg(2), for the first `count` messages of a batch. */
export function receiveBatch(fd: number, memory: Uint8Array, count: number): number {
  if (give(fd, 0, count, 0)) return recvmmsg(memory);
  return recvmmsg(fd, memory, 0, count, 0);
}

/** sendmmsg(2), for `count` messages of a batch. */
export function transmitBatch(
  fd: number,
  memory: Uint8Array,
  first: number,
  count: number,
): number {
  if (give(fd, first, count, 0)) return sendmmsg(memory);
  return sendmmsg(fd, memory, first, count, 0);
}

/** Writes the arguments to the words; false where the words cannot hold them. */
function give(fd: number, offset: number, length: number, flags: number): boolean {
  if (typeof offset !== 'number' || typeof length !== 'number') return false;
  if ((offset & INT32_MAX) !== offset || (length & INT32_MAX) !== length) return false;
  words[0] = fd;
  words[1] = offset;
  words[2] = length;
  words[3] = flags;
  return true;
}
