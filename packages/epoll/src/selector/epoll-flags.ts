import { Interest, Mode, Ready } from '@evloop/core';
import { isEdge } from '@evloop/core/backend';
import { native } from '../native/native.ts';

const { EPOLLIN, EPOLLOUT, EPOLLPRI, EPOLLERR, EPOLLHUP, EPOLLRDHUP, EPOLLET } = native.constants;
const { EPOLLONESHOT, EPOLLEXCLUSIVE } = native.constants;

/**
 * The epoll_ctl(2) bits of an interest. The end of the peer's side is asked for always, since it is
 * reported whatever the interest.
 *
 * Urgent data is asked for with all edge-triggered reading, since it ends a read early although
 * more is queued, which a source must know; but not with writing, since the kernel announces all
 * data as if it were urgent, and would report whatever else is ready; and not in the other modes,
 * which nothing relies on: an event that nobody asked for would spend the one shot, or come without
 * end.
 */
export function toEpoll(interest: Interest): number {
  let bits = EPOLLRDHUP;
  if (isEdge(interest)) bits |= EPOLLET;
  if ((interest & Mode.ONESHOT) !== 0) bits |= EPOLLONESHOT;
  if ((interest & Interest.READABLE) !== 0) bits |= isEdge(interest) ? EPOLLIN | EPOLLPRI : EPOLLIN;
  if ((interest & Interest.PRIORITY) !== 0) bits |= EPOLLPRI;
  if ((interest & Interest.WRITABLE) !== 0) bits |= EPOLLOUT;
  // The kernel takes nothing else with it. Listeners have neither urgent data nor a peer.
  if ((interest & Mode.EXCLUSIVE) !== 0) bits = (bits & ~(EPOLLPRI | EPOLLRDHUP)) | EPOLLEXCLUSIVE;
  // EPOLLET is bit 31, which makes the union negative.
  return bits >>> 0;
}

/**
 * The readiness that epoll bits mean.
 *
 * - Urgent data alone is nothing that a plain read returns, but whoever asked for it is told to
 *   try.
 * - A bare hang-up (a pipe's writer gone, a peer that reset) closes both sides; RDHUP the reading
 *   one.
 * - An error that leaves only writing, or nothing, is the write side's: a pipe without a reader, a
 *   datagram that was refused.
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
