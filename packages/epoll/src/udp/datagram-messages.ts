import { constants } from 'node:os';
import { type DatagramBatch, type SocketAddress, WouldBlock } from '@evloop/core';
import {
  fitsFamily,
  META_STRIDE,
  MessageBits,
  NAME_STRIDE,
  sendThroughIPv4,
} from '@evloop/core/backend';
import { datagramError } from '../native/errno-error.ts';
import {
  messageName,
  messageNameWords,
  messageWords,
  receiveBatch,
  transmitBatch,
  transmitMessage,
} from '../native/message-calls.ts';
import { native } from '../native/native.ts';
import type { DatagramRegistration } from './datagram-registration.ts';
import { sendError } from './path-mtu.ts';

const { AF_INET, AF_INET6, EAGAIN, EAFNOSUPPORT, EDESTADDRREQ, EISCONN } = native.constants;
const { EINVAL, EMSGSIZE } = native.constants;
const { EIO } = constants.errno;

/** Counts the messages that were cut in user space. */
export interface Segmented {
  messages: number;
}

/**
 * Receives into a batch with one system call: recvmmsg(2).
 *
 * @returns the number of messages, or -1 if there was none.
 */
export function receiveMessages(
  socket: DatagramRegistration,
  batch: DatagramBatch,
  peer: SocketAddress | undefined,
): number {
  let result: number;
  let tries = 0;
  do result = receiveBatch(socket.fd, batch.memory, batch.capacity);
  while (result < 0 && socket.repeats(result, tries++));
  if (result < 0 && result !== -EAGAIN) throw datagramError(result, 'recvmsg', peer);
  batch.received(Math.max(result, 0));
  return result < 0 ? -1 : result;
}

/**
 * Sends the rest of a batch, with one system call if possible: sendmmsg(2).
 *
 * @param segmented counts each message that is cut in user space.
 */
export function sendMessages(
  socket: DatagramRegistration,
  batch: DatagramBatch,
  family: 'IPv4' | 'IPv6',
  peer: SocketAddress | undefined,
  segmented: Segmented,
  most = Infinity,
): number | WouldBlock {
  batch.took(0);
  const first = batch.sent;
  const wanted = family === 'IPv4' ? AF_INET : AF_INET6;
  const end = Math.min(batch.length, first + most);
  const sendable = countSendable(batch, end, wanted, peer);
  if (sendable === 0) {
    if (first === end) return 0;
    return giveUp(socket, batch, refusal(batch, first, wanted, peer), peer);
  }
  let count: number;
  let tries = 0;
  do count = transmitBatch(socket.fd, batch.memory, first, sendable);
  while (count < 0 && socket.repeats(count, tries++));
  if (count >= 0) {
    batch.took(count);
    return count;
  }
  if (count === -EAGAIN) return WouldBlock;
  if (batch.segmentSize(first) === 0 || !refusesToCut(count))
    return giveUp(socket, batch, count, peer);
  return sendSegments(socket, batch, first, segmented, peer);
}

// The kernel would send both to a connected socket's peer and elsewhere, and IPv4 through IPv6. The
// contract forbids both.
function countSendable(
  batch: DatagramBatch,
  end: number,
  wanted: number,
  peer: SocketAddress | undefined,
): number {
  let i = batch.sent;
  while (i < end && refusal(batch, i, wanted, peer) === 0) i++;
  return i - batch.sent;
}

function refusal(
  batch: DatagramBatch,
  i: number,
  wanted: number,
  peer: SocketAddress | undefined,
): number {
  const { meta, names } = batch;
  const words = i * META_STRIDE;
  const named = meta[words + 2] !== 0;
  if (((meta[words + 4] as number) & MessageBits.PLACE) !== 0) {
    const family = wanted === AF_INET ? 'IPv4' : 'IPv6';
    if (!fitsFamily(meta, words, family)) return -EAFNOSUPPORT;
    const mapped = named ? isMapped(names, i) : peer?.address.startsWith('::ffff:');
    if (family === 'IPv6' && mapped) sendThroughIPv4(meta, words);
  }
  if (!named) return peer === undefined ? -EDESTADDRREQ : 0;
  const at = i * NAME_STRIDE + 4;
  // The family is one of two bytes; the other is 0.
  if (((names[at] as number) | (names[at + 1] as number)) !== wanted) return -EAFNOSUPPORT;
  return peer === undefined ? 0 : -EISCONN;
}

/**
 * Whether the `sockaddr_in6` of message `i` holds an IPv4 address: 10 bytes of 0, then 255 twice.
 */
function isMapped(names: Uint8Array, i: number): boolean {
  const at = i * NAME_STRIDE + 12;
  for (let k = 0; k < 10; k++) if (names[at + k] !== 0) return false;
  return names[at + 10] === 255 && names[at + 11] === 255;
}

function giveUp(
  socket: DatagramRegistration,
  batch: DatagramBatch,
  result: number,
  peer: SocketAddress | undefined,
): never {
  const to = batch.hasAddress(batch.sent) ? batch.address(batch.sent) : peer;
  batch.took(1);
  throw sendError(socket.fd, result, to, peer !== undefined);
}

// The kernel does not cut a message in these cases: it cannot offload checksums (EIO); the socket
// sends none, or a segment is longer than the path takes (EINVAL); the message is longer than a
// datagram may be (EMSGSIZE). Any other error must not be lost.
function refusesToCut(result: number): boolean {
  return result === -EIO || result === -EINVAL || result === -EMSGSIZE;
}

function sendSegments(
  socket: DatagramRegistration,
  batch: DatagramBatch,
  i: number,
  segmented: Segmented,
  peer: SocketAddress | undefined,
): number | WouldBlock {
  const segment = batch.segmentSize(i);
  messageNameWords[0] = 0;
  if (batch.hasAddress(i)) {
    messageName.set(batch.names.subarray(i * NAME_STRIDE, (i + 1) * NAME_STRIDE));
  }
  messageWords.set(batch.meta.subarray(i * META_STRIDE, (i + 1) * META_STRIDE));
  messageWords[3] = 0;
  let tries = 0;
  for (;;) {
    const left = batch.size(i);
    const size = Math.min(segment, left);
    const sent = transmitMessage(socket.fd, batch.data, batch.offset(i), size, 0);
    if (sent === -EAGAIN) return WouldBlock;
    if (sent < 0 && socket.repeats(sent, tries++)) continue;
    if (sent < 0) return giveUp(socket, batch, sent, peer);
    if (size === left) break;
    batch.shorten(i, size);
    // The last cut: a message counts once, however many calls it takes.
    if (left - size <= segment) segmented.messages++;
  }
  batch.took(1);
  return 1;
}
