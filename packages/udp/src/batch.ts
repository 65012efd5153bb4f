import { type DatagramBatch, type SocketAddress, WouldBlock } from '@evloop/core';
import {
  checkBatch,
  decodeName,
  encodeName,
  META_STRIDE,
  NAME_STRIDE,
  unsupportedError,
} from '@evloop/core/backend';
import { checkNumber } from './dgram-options.ts';
import type { Endpoint } from './endpoint.ts';
import { interfaceIndex } from './interfaces.ts';
import { sendOne, throwPending } from './send.ts';

const MSG_TRUNC = 0x20;

/**
 * Moves as many datagrams of the queue into the batch as there is room for. Returns their number.
 */
export function fillBatch(endpoint: Endpoint, batch: DatagramBatch): number {
  checkBatch(batch);
  if (endpoint.failed) throwPending(endpoint, false);
  const { queue } = endpoint;
  const { data, meta, names, slotSize } = batch;
  const count = Math.min(queue.length, batch.capacity);
  for (let i = 0; i < count; i++) {
    const datagram = queue.data;
    const cut = datagram.length > slotSize;
    data.set(cut ? datagram.subarray(0, slotSize) : datagram, i * slotSize);
    encodeName(queue.sender as SocketAddress, names, i * NAME_STRIDE, zoneIndex);
    const at = i * META_STRIDE;
    meta.fill(0, at, at + META_STRIDE);
    meta[at] = cut ? slotSize : datagram.length;
    if (cut) meta[at + 1] = MSG_TRUNC;
    queue.shift();
  }
  batch.received(count);
  return count;
}

// An interface that was removed meanwhile has no number.
function zoneIndex(zone: string): number {
  return interfaceIndex(zone) ?? 0;
}

/**
 * Sends the rest of the batch, until the system takes no more.
 *
 * @param most the most messages to send.
 */
export function emptyBatch(
  endpoint: Endpoint,
  batch: DatagramBatch,
  most: number,
): number | WouldBlock {
  checkBatch(batch);
  if (!batch.outgoing) {
    throw new TypeError('the batch holds received messages: reply() to them, or clear() it');
  }
  if (most !== Number.POSITIVE_INFINITY) checkNumber('most', most, 0, Number.MAX_SAFE_INTEGER);
  const first = batch.sent;
  const end = Math.min(batch.length, first + most);
  while (batch.sent < end) {
    try {
      if (sendMessage(endpoint, batch, batch.sent) === WouldBlock) break;
    } catch (error) {
      // The earlier messages count as success. The next call throws the same error again.
      if (batch.sent > first) break;
      batch.took(1);
      throw error;
    }
    batch.took(1);
  }
  if (batch.sent === first && first < end) return WouldBlock;
  return batch.sent - first;
}

function sendMessage(endpoint: Endpoint, batch: DatagramBatch, i: number): number | WouldBlock {
  const to = batch.hasAddress(i) ? decodeName(batch.names, i * NAME_STRIDE) : undefined;
  if ((batch.meta[i * META_STRIDE + 4] ?? 0) !== 0) {
    throw unsupportedError('node:dgram cannot send with control data: see SendControl');
  }
  const segment = batch.segmentSize(i);
  while (segment > 0 && batch.size(i) > segment) {
    if (sendOne(endpoint, batch.data, batch.offset(i), segment, to) === WouldBlock)
      return WouldBlock;
    batch.shorten(i, segment);
    // The last cut: a message counts once, however many calls it takes.
    if (batch.size(i) <= segment) endpoint.segmentedHere++;
  }
  return sendOne(endpoint, batch.data, batch.offset(i), batch.size(i), to);
}
