/**
 * The readiness that a registration asks for: a non-empty union of the three bits of `Interest`,
 * made with `|`, as in `Interest.READABLE | Interest.WRITABLE`.
 *
 * Interest selects only *readiness*. Close and error need no interest and cannot be masked: they
 * are always reported, as in epoll_ctl(2).
 */
export type Interest = number;

/**
 * How a registration reports. Join a mode to the interest with `|`, as in `Interest.READABLE |
 * Mode.LEVEL`, so that it passes through every source that delegates. `reregister` replaces the
 * mode together with the interest.
 *
 * - `EDGE` (0): rule 1 of {@link Poll}. The default.
 * - `LEVEL`: every poll reports the source while the condition holds, undrained data and closed
 *   sides included. After an end, close or deregister the source. In user space, a condition holds
 *   until an operation returns `WouldBlock`, so one extra event may come.
 * - `ONESHOT`: after one event of any kind, nothing is reported until `reregister`, which reports
 *   current readiness again.
 * - `EXCLUSIVE`: if several polls watch a listener's descriptor, one connection wakes at least one
 *   of them, but not all (EPOLLEXCLUSIVE, epoll_ctl(2)). Works with `EDGE` and `LEVEL`. The poll
 *   that is woken must accept the connection: no other poll may be.
 *
 * A mode that the backend does not support throws `EVLOOP_UNSUPPORTED`; see `supports`.
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
 * - `WRITABLE` (2): there is room to write or send. For a connecting stream: the attempt has ended,
 *   with or without success.
 * - `PRIORITY` (4): out-of-band data or another exceptional condition (`EPOLLPRI`). On a backend
 *   whose `supports.priority` is false, asking for it throws `EVLOOP_UNSUPPORTED`.
 */
export const Interest: {
  readonly READABLE: 1;
  readonly WRITABLE: 2;
  readonly PRIORITY: 4;
} = Object.freeze({ READABLE: 1, WRITABLE: 2, PRIORITY: 4 });

const BITS = Interest.READABLE | Interest.WRITABLE | Interest.PRIORITY;
const MODES = Mode.LEVEL | Mode.ONESHOT | Mode.EXCLUSIVE;
const ALL = BITS | MODES;

/** For backends: returns whether an interest is edge-triggered, exclusive or not. */
export function isEdge(interest: Interest): boolean {
  return (interest & (Mode.LEVEL | Mode.ONESHOT)) === 0;
}

/**
 * Returns `interest`, if it is a non-empty union of known bits with one {@link Mode}.
 *
 * `Registry` calls it for every registration, so sources and backends need not.
 *
 * @throws RangeError: 0, unknown bits, modes that exclude each other, or not an integer.
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

// These are the combinations of epoll_ctl(2), so that every backend rejects the same ones.
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
 * Returns the interest in words, with the bits in ascending order: `'READABLE | WRITABLE'`,
 * `'READABLE | LEVEL'`. For logs and messages.
 */
export function formatInterest(interest: Interest): string {
  const names: string[] = [];
  for (const [name, bit] of [...Object.entries(Interest), ...Object.entries(Mode)]) {
    if ((interest & bit) !== 0) names.push(name);
  }
  return names.join(' | ') || 'nothing';
}
