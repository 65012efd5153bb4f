import {
  MESSAGE_WORDS,
  NAME_SIZE,
  PIN_WORDS,
  RESULT_WORD,
  WORDS,
  sharedWords as words,
} from './binding.ts';
import { native } from './native.ts';
import { Pin } from './pin.ts';

// Constants, so that each call knows its function.
const { epollWait, recv, recvfrom, recvmmsg, recvmsg, send, sendto, sendmmsg, sendmsg } = native;
const { corkCopy, corkWait } = native;

const waited = new Pin(PIN_WORDS.events);
const read = new Pin(PIN_WORDS.reading);
const written = new Pin(PIN_WORDS.writing);

const INT32_MAX = 0x7fffffff;

/** The name that {@link receiveFrom} writes, and {@link transmitTo} reads. */
export const messageName: Uint8Array = new Uint8Array(
  words.buffer,
  WORDS * Int32Array.BYTES_PER_ELEMENT,
  NAME_SIZE,
);

/** The words of {@link messageName}. */
export const messageNameWords: Int32Array = words.subarray(WORDS);

/** The words that {@link receiveMessage} writes, and {@link transmitMessage} reads. */
export const messageWords: Uint32Array = new Uint32Array(
  words.buffer,
  WORDS * Int32Array.BYTES_PER_ELEMENT + NAME_SIZE,
  MESSAGE_WORDS,
);

/*
 * The calls that a message costs. Their arguments are in shared words, and so is the result if the
 * buffer is the one of the call before: passing them through Node-API takes longer than the rest of
 * the crossing (docs/performance.md). Arguments that don't fit the words take the checked path,
 * which rejects them.
 */

/** epoll_wait(2), for as many events as fit into the first `length` bytes. */
export function awaitEvents(
  epfd: number,
  events: Uint8Array,
  length: number,
  timeoutMs: number,
): number {
  if (!give(epfd, 0, length, timeoutMs)) return epollWait(epfd, events, 0, length, timeoutMs);
  if (!waited.holds(events, length)) return waited.keep(events, epollWait(waited.take(events)));
  epollWait();
  return words[RESULT_WORD] as number;
}

/** As {@link awaitEvents}, after the writes of a cork are sent. */
export function awaitCorked(
  cork: number,
  events: Uint8Array,
  length: number,
  timeoutMs: number,
): number {
  if (!give(cork, 0, length, timeoutMs)) return corkWait(cork, events, 0, length, timeoutMs);
  if (!waited.holds(events, length)) return waited.keep(events, corkWait(waited.take(events)));
  corkWait();
  return words[RESULT_WORD] as number;
}

/** Copies bytes into the memory of a cork, at offset `at`. */
export function copyToCork(
  cork: number,
  buffer: Uint8Array,
  offset: number,
  length: number,
  at: number,
): number {
  if (!give(cork, offset, length, at)) return corkCopy(cork, buffer, offset, length, at);
  if (!written.holds(buffer, offset + length)) {
    return written.keep(buffer, corkCopy(written.take(buffer)));
  }
  corkCopy();
  return words[RESULT_WORD] as number;
}

/** recv(2). */
export function receive(
  fd: number,
  buffer: Uint8Array,
  offset: number,
  length: number,
  flags: number,
): number {
  if (!give(fd, offset, length, flags)) return recv(fd, buffer, offset, length, flags);
  if (!read.holds(buffer, offset + length)) return read.keep(buffer, recv(read.take(buffer)));
  recv();
  return words[RESULT_WORD] as number;
}

/** recvfrom(2): the sender is in {@link messageName} until the next call. */
export function receiveFrom(
  fd: number,
  buffer: Uint8Array,
  offset: number,
  length: number,
  flags: number,
): number {
  if (!give(fd, offset, length, flags)) {
    return recvfrom(fd, buffer, offset, length, flags, messageName);
  }
  if (!read.holds(buffer, offset + length)) return read.keep(buffer, recvfrom(read.take(buffer)));
  recvfrom();
  return words[RESULT_WORD] as number;
}

/** recvmsg(2): the sender is in {@link messageName}, and the rest in {@link messageWords}. */
export function receiveMessage(
  fd: number,
  buffer: Uint8Array,
  offset: number,
  length: number,
  flags: number,
): number {
  if (!give(fd, offset, length, flags)) {
    return recvmsg(fd, buffer, offset, length, flags, messageName, messageWords);
  }
  if (!read.holds(buffer, offset + length)) return read.keep(buffer, recvmsg(read.take(buffer)));
  recvmsg();
  return words[RESULT_WORD] as number;
}

/** send(2). */
export function transmit(
  fd: number,
  buffer: Uint8Array,
  offset: number,
  length: number,
  flags: number,
): number {
  if (!give(fd, offset, length, flags)) return send(fd, buffer, offset, length, flags);
  if (!written.holds(buffer, offset + length))
    return written.keep(buffer, send(written.take(buffer)));
  send();
  return words[RESULT_WORD] as number;
}

/** sendto(2), to {@link messageName}. */
export function transmitTo(
  fd: number,
  buffer: Uint8Array,
  offset: number,
  length: number,
  flags: number,
): number {
  if (!give(fd, offset, length, flags)) {
    return sendto(fd, buffer, offset, length, flags, messageName);
  }
  if (!written.holds(buffer, offset + length))
    return written.keep(buffer, sendto(written.take(buffer)));
  sendto();
  return words[RESULT_WORD] as number;
}

/**
 * sendmsg(2), to {@link messageName} (to the peer where its length is 0), as {@link messageWords}
 * say.
 */
export function transmitMessage(
  fd: number,
  buffer: Uint8Array,
  offset: number,
  length: number,
  flags: number,
): number {
  if (!give(fd, offset, length, flags)) {
    return sendmsg(fd, buffer, offset, length, flags, messageName, messageWords);
  }
  if (!written.holds(buffer, offset + length))
    return written.keep(buffer, sendmsg(written.take(buffer)));
  sendmsg();
  return words[RESULT_WORD] as number;
}

/** recvmmsg(2), for the first `count` messages of a batch. */
export function receiveBatch(fd: number, memory: Uint8Array, count: number): number {
  if (!give(fd, 0, count, 0)) return recvmmsg(fd, memory, 0, count, 0);
  if (!read.holds(memory, read.length)) return read.keep(memory, recvmmsg(read.take(memory)));
  recvmmsg();
  return words[RESULT_WORD] as number;
}

/** sendmmsg(2), for `count` messages of a batch. */
export function transmitBatch(
  fd: number,
  memory: Uint8Array,
  first: number,
  count: number,
): number {
  if (!give(fd, first, count, 0)) return sendmmsg(fd, memory, first, count, 0);
  if (!written.holds(memory, written.length))
    return written.keep(memory, sendmmsg(written.take(memory)));
  sendmmsg();
  return words[RESULT_WORD] as number;
}

/** Writes the arguments to the words; false if the words can't hold them. */
function give(fd: number, offset: number, length: number, flags: number): boolean {
  if (typeof offset !== 'number' || typeof length !== 'number') return false;
  if ((offset & INT32_MAX) !== offset || (length & INT32_MAX) !== length) return false;
  words[0] = fd;
  words[1] = offset;
  words[2] = length;
  words[3] = flags;
  return true;
}
