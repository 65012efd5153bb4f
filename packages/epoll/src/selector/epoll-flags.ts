import { Interest, Mode, Ready } from '@evloop/core';
import { isEdge } from '@evloop/core/backend';
import { native } from '../native/native.ts';

const { EPOLLIN, EPOLLOUT, EPOLLPRI, EPOLLERR, EPOLLHUP, EPOLLRDHUP, EPOLLET } = native.constants;
const { EPOLLONESHOT, EPOLLEXCLUSIVE } = native.constants;

/**
 * Returns the epoll_ctl(2) bits of an interest. They always include the end of the peer's side,
 * which is reported whatever the interest is.
 *
 * Edge-triggered reading always includes urgent data. It ends a read early although more is queued,
 * and the source must know that. It is not included in two cases:
 *
 * - for writing: the kernel announces all data as if it were urgent, and would report unwanted
 *   readiness
 * - in the other modes: no optimization depends on it, and an unwanted event would use up the one
 *   shot, or come without end
 */
export function toEpoll(interest: Interest): number {
  let bits = EPOLLRDHUP;
  if (isEdge(interest)) bits |= EPOLLET;
  if ((interest & Mode.ONESHOT) !== 0) bits |= EPOLLONESHOT;
  if ((interest & Interest.READABLE) !== 0) bits |= isEdge(interest) ? EPOLLIN | EPOLLPRI : EPOLLIN;
  if ((interest & Interest.PRIORITY) !== 0) bits |= EPOLLPRI;
  if ((interest & Interest.WRITABLE) !== 0) bits |= EPOLLOUT;
  // The kernel accepts no other bit with it. Listeners have neither urgent data nor a peer.
  if ((interest & Mode.EXCLUSIVE) !== 0) bits = (bits & ~(EPOLLPRI | EPOLLRDHUP)) | EPOLLEXCLUSIVE;
  // EPOLLET is bit 31, which makes the union negative.
  return bits >>> 0;
}

/**
 * Returns the readiness of epoll bits.
 *
 * - Urgent data alone is nothing that a plain read returns, but a program that asked for it should
 *   try.
 * - A bare hang-up (a pipe's writer is closed, a peer has reset) closes both sides; RDHUP closes
 *   the reading side.
 * - An error that leaves at most writing belongs to the write side: a pipe without a reader, a
 *   refused datagram.
 */
export function toReady(bits: number): Ready {
  let ready: Ready = 0;
  if ((bits & EPOLLIN) !== 0) ready |= Ready.READABLE;
  if ((bits & EPOLLPRI) !== 0) ready |= Ready.PRIORITY;
  if ((bits & EPOLLOUT) !== 0) ready |= Ready.WRITABLE;
  if ((bits & EPOLLRDHUP) !== 0) ready |= Ready.READ_CLOSED;
  if ((bits & EPOLLHUP) !== 0) ready |= Ready.READ_CLOSED | Ready.WRITE_CLOSED;
  if ((bits & EPOLLERR) !== 0) {
    ready |= Ready.ERROR;
    if ((bits & EPOLLOUT) !== 0 || (bits & ~EPOLLERR) === 0) ready |= Ready.WRITE_CLOSED;
  }
  return ready;
}
