/**
 * What a registration wants to be told about: a non-empty union of the three bits below, made with
 * `|`, as in `Interest.READABLE | Interest.WRITABLE`.
 *
 * Interest selects only *readiness*. Close and error need no interest and cannot be masked: they are
 * reported whatever was asked for, as in epoll_ctl(2).
 */
export type Interest = number;

/**
 * The bits of an {@link Interest}.
 *
 * - `READABLE` (1): there is something to read, to receive or to accept.
 * - `WRITABLE` (2): there is room to write or send; for a stream that is connecting, that the attempt
 *   has ended, one way or the other.
 * - `PRIORITY` (4): out-of-band data or another exceptional condition (`EPOLLPRI`). Only backends
 *   whose `supports.priority` is true ever report it; on the others asking for it is
 *   `EVLOOP_UNSUPPORTED`.
 */
export const Interest: {
  readonly READABLE: 1;
  readonly WRITABLE: 2;
  readonly PRIORITY: 4;
} = Object.freeze({ READABLE: 1, WRITABLE: 2, PRIORITY: 4 });

const ALL = Interest.READABLE | Interest.WRITABLE | Interest.PRIORITY;

/**
 * Returns `interest` when it is a non-empty union of known bits.
 *
 * `Registry` calls it for every registration, so that neither a source nor a backend has to.
 *
 * @throws RangeError for 0, unknown bits, or a value that is not an integer.
 */
export function checkInterest(interest: Interest): Interest {
  if (!Number.isInteger(interest) || interest <= 0 || (interest & ~ALL) !== 0 || interest > ALL) {
    throw new RangeError(
      `an interest is a non-empty union of Interest.READABLE, WRITABLE and PRIORITY, not ${String(interest)}`,
    );
  }
  return interest;
}

/**
 * The interest in words, bits in ascending order: `'READABLE | WRITABLE'`. For logs and messages.
 */
export function formatInterest(interest: Interest): string {
  const names: string[] = [];
  for (const [name, bit] of Object.entries(Interest)) {
    if ((interest & bit) !== 0) names.push(name);
  }
  return names.join(' | ') || 'nothing';
}
