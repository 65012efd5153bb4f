import { constants } from 'node:os';
import { type DatagramBatch, WouldBlock } from '@evloop/core';
import { META_STRIDE, NAME_STRIDE } from '@evloop/core/backend';
import { receiveBatch, transmitBatch } from '../native/message-calls.ts';
import { native } from '../native/native.ts';
import { systemError } from '../native/system-error.ts';

const { AF_INET, AF_INET6, EAGAIN, EINTR, EAFNOSUPPORT, EDESTADDRREQ, EISCONN } = native.constants;
const { EINVAL, EMSGSIZE } = native.constants;
const { EIO } = constants.errno;
const { sendmsg } = native;

/** How many messages had to be cut here. */
export interface Segmented {
  messages: number;
}

/** Receives into a batch with one system call: recvmmsg(2). @returns how many, or -1 when nothing was there. */
export function receiveMessages(fd: number, batch: DatagramBatch): number {
  let result: number;
  do result = receiveBatch(fd, batch.memory, batch.capacity);
  while (result === -EINTR);
  if (result < 0 && result !== -EAGAIN) throw systemError(result, 'recv');
  batch.received(Math.max(result, 0));
  return result < 0 ? -1 : result;
}

/**
 * Sends what is left of a batch, with one system call where nothing stands in its way: sendmmsg(2).
 *
 * @param segmented counts each message that had to be cut here.
 */
export function sendMessages(
  fd: number,
  batch: DatagramBatch,
  family: 'IPv4' | 'IPv6',
  connected: boolean,
  segmented: Segmented,
): number | WouldBlock {
  batch.took(0);
  const first = batch.sent;
  const wanted = family === 'IPv4' ? AF_INET : AF_INET6;
  const sendable = countSendable(batch, wanted, connected);
  if (sendable === 0) {
    if (first === batch.length) return 0;
    return giveUp(batch, refusal(batch, first, wanted, connected));
  }
  let count: number;
  do count = transmitBatch(fd, batch.memory, first, sendable);
  while (count === -EINTR);
  if (count >= 0) {
    batch.took(count);
    return count;
  }
  if (count === -EAGAIN) return WouldBlock;
  if (batch.segmentSize(first) === 0 || !refusesToCut(count)) return giveUp(batch, count);
  return sendSegments(fd, batch, first, segmented);
}

// The kernel would send to a connected socket's peer or elsewhere, and IPv4 through IPv6. The contract wants neither.
function countSendable(batch: DatagramBatch, wanted: number, connected: boolean): number {
  let i = batch.sent;
  while (i < batch.length && refusal(batch, i, wanted, connected) === 0) i++;
  return i - batch.sent;
}

function refusal(batch: DatagramBatch, i: number, wanted: number, connected: boolean): number {
  const { meta, names } = batch;
  if (meta[i * META_STRIDE + 2] === 0) return connected ? 0 : -EDESTADDRREQ;
  const at = i * NAME_STRIDE + 4;
  // The family is one byte of two, the other of which is 0.
  if (((names[at] as number) | (names[at + 1] as number)) !== wanted) return -EAFNOSUPPORT;
  return connected ? -EISCONN : 0;
}

function giveUp(batch: DatagramBatch, result: number): never {
  const at = batch.hasAddress(batch.sent) ? batch.address(batch.sent) : {};
  batch.took(1);
  throw systemError(result, 'send', at);
}

// The kernel does not cut where it cannot offload checksums (EIO), where the socket sends none or a segment is longer than the path takes (EINVAL), or
// where the message is longer than a datagram may be (EMSGSIZE). Any other error is about something else, and is not to be lost.
function refusesToCut(result: number): boolean {
  return result === -EIO || result === -EINVAL || result === -EMSGSIZE;
}

function sendSegments(
  fd: number,
  batch: DatagramBatch,
  i: number,
  segmented: Segmented,
): number | WouldBlock {
  const segment = batch.segmentSize(i);
  const name = batch.hasAddress(i)
    ? batch.names.subarray(i * NAME_STRIDE, (i + 1) * NAME_STRIDE)
    : new Uint8Array(0);
  for (;;) {
    const left = batch.size(i);
    const size = Math.min(segment, left);
    const sent = sendmsg(fd, batch.data, batch.offset(i), size, name, 0, 0);
    if (sent === -EINTR) continue;
    if (sent === -EAGAIN) return WouldBlock;
    if (sent < 0) return giveUp(batch, sent);
    if (size === left) break;
    batch.shorten(i, size);
    // The last cut: a message has one, however many calls it takes.
    if (left - size <= segment) segmented.messages++;
  }
  batch.took(1);
  return 1;
}
