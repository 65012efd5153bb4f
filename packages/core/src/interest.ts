/**
 * What a registration wants to be told about: a non-empty union of the three bits below, made with
 * `|`, as in `Interest.READABLE | Interest.WRITABLE`.
 *
 * Interest selects only *readiness*. Close and error need no interest and cannot be masked: they
 * are reported whatever was asked for, as in epoll_ctl(2).
 */
export type Interest = number;

/**
 * How a registration reports: joined to its interest with `|`, as in
 * `Interest.READABLE | Mode.LEVEL`, so that it passes through every source that delegates.
 * `reregister` replaces it with the rest.
 *
 * - `EDGE` (0): rule 1 of {@link Poll}. The default.
 * - `LEVEL`: reported by every poll for as long as the condition holds, undrained data and ended
 *   sides included: whoever is told of an end closes or deregisters. Where readiness is in user
 *   space a condition holds until an operation answers `WouldBlock`, so that one event more may
 *   come.
 * - `ONESHOT`: after one event, whatever it was, nothing is reported until `reregister`, which
 *   reports current readiness anew.
 * - `EXCLUSIVE`: of several polls that a listener's descriptor is registered with, not all are
 *   woken for one connection, but at least one (EPOLLEXCLUSIVE, epoll_ctl(2)). Goes with `EDGE` and
 *   `LEVEL`. The poll that is woken must accept: no other may be.
 *
 * A mode that the backend cannot do is `EVLOOP_UNSUPPORTED`; see `supports`.
 */
export const Mode: {
  readonly EDGE: 0;
  readonly LEVEL: 256;
  readonly ONESHOT: 512;
  readonly EXCLUSIVE: 1024;
} = Object.freeze({ EDGE: 0, LEVEL: 256, ONESHOT: 512, EXCLUSIVE: 1024 });

/**
 * The bits of an {@link Interest}.
 *
 * - `READABLE` (1): there is something to read, to receive or to accept.
 * - `WRITABLE` (2): there is room to write or send; for a stream that is connecting, that the
 *   attempt has ended, one way or the other.
 * - `PRIORITY` (4): out-of-band data or another exceptional condition (`EPOLLPRI`). Only backends
 *   whose `supports.priority` is true ever report it; on the others asking for it is
 *   `EVLOOP_UNSUPPORTED`.
 */
export const Interest: {
  readonly READABLE: 1;
  readonly WRITABLE: 2;
  readonly PRIORITY: 4;
} = Object.freeze({ READABLE: 1, WRITABLE: 2, PRIORITY: 4 });

const BITS = Interest.READABLE | Interest.WRITABLE | Interest.PRIORITY;
const MODES = Mode.LEVEL | Mode.ONESHOT | Mode.EXCLUSIVE;
const ALL = BITS | MODES;

/** For backends: whether an interest is edge-triggered, exclusive or not. */
export function isEdge(interest: Interest): boolean {
  return (interest & (Mode.LEVEL | Mode.ONESHOT)) === 0;
}

/**
 * Returns `interest` when it is a non-empty union of known bits, with one {@link Mode}.
 *
 * `Registry` calls it for every registration, so that neither a source nor a backend has to.
 *
 * @throws RangeError for 0, unknown bits, modes that exclude each other, or a value that is not an
 *   integer.
 */
export function checkInterest(interest: Interest): Interest {
  if (
    !Number.isInteger(interest) ||
    (interest & BITS) === 0 ||
    (interest & ~ALL) !== 0 ||
    interest > ALL ||
    interest < 0
  ) {
    throw new RangeError(
      `invalid interest: ${String(interest)} (expected READABLE, WRITABLE or PRIORITY, with valid modes)`,
    );
  }
  if (interest > BITS) checkMode(interest);
  return interest;
}

// The combinations are epoll_ctl(2)'s, so that a program is told the same on every backend.
function checkMode(interest: Interest): void {
  const mode = interest & MODES;
  if ((mode & Mode.ONESHOT) !== 0 && mode !== Mode.ONESHOT) {
    throw new RangeError('invalid interest: Mode.ONESHOT excludes every other mode');
  }
  if ((mode & Mode.EXCLUSIVE) !== 0 && (interest & Interest.PRIORITY) !== 0) {
    throw new RangeError('invalid interest: Mode.EXCLUSIVE excludes Interest.PRIORITY');
  }
}

/**
 * The interest in words, bits in ascending order: `'READABLE | WRITABLE'`, `'READABLE | LEVEL'`.
 * For logs and messages.
 */
export function formatInterest(interest: Interest): string {
  const names: string[] = [];
  for (const [name, bit] of [...Object.entries(Interest), ...Object.entries(Mode)]) {
    if ((interest & bit) !== 0) names.push(name);
  }
  return names.join(' | ') || 'nothing';
}
