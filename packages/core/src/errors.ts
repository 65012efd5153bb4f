import { publishError } from './diagnostics/error-channel.ts';

/**
 * The codes of {@link EvloopError}. They are stable: a code keeps its meaning. Messages may change
 * in any release.
 *
 * | code | what happened |
 * |---|---|
 * | `EVLOOP_ALREADY_REGISTERED` | `register` of a source that is already registered, with this registry or another |
 * | `EVLOOP_NOT_REGISTERED` | `reregister` or `deregister` of a source that is not registered |
 * | `EVLOOP_WRONG_REGISTRY` | `reregister` or `deregister` through a registry other than the source's own |
 * | `EVLOOP_CLOSED` | the source, waker, poll or registry was closed before the call |
 * | `EVLOOP_UNSUPPORTED` | this backend or this machine cannot do it; the backend's `supports` tells so beforehand |
 * | `EVLOOP_BUSY` | a `poll` began while another of the same Poll was still pending |
 */
export type EvloopErrorCode =
  | 'EVLOOP_ALREADY_REGISTERED'
  | 'EVLOOP_NOT_REGISTERED'
  | 'EVLOOP_WRONG_REGISTRY'
  | 'EVLOOP_CLOSED'
  | 'EVLOOP_UNSUPPORTED'
  | 'EVLOOP_BUSY';

/**
 * A breach of the contract that a program can cause at run time. Its `code` tells which.
 *
 * There are two other kinds of failure. When the system refuses, the error is a {@link SystemError}
 * with Node's codes. A wrong argument is a `TypeError` or `RangeError`.
 *
 * Tell errors apart by `code` (or {@link isEvloopError}), never by `instanceof`. A program may load
 * two copies of this package, and their classes differ.
 */
export class EvloopError extends Error {
  override readonly name = 'EvloopError';
  readonly code: EvloopErrorCode;

  constructor(code: EvloopErrorCode, message: string, options?: { cause?: unknown }) {
    super(message, options);
    this.code = code;
    publishError(this);
  }
}

/**
 * Returns whether `error` is an {@link EvloopError}. With `code`, also whether it has that code.
 */
export function isEvloopError(error: unknown, code?: EvloopErrorCode): error is EvloopError {
  const found = (error as { code?: unknown } | null | undefined)?.code;
  if (typeof found !== 'string' || !found.startsWith('EVLOOP_')) return false;
  return code === undefined || found === code;
}

/** For backends: makes the `EVLOOP_CLOSED` error of `what`, as in `closedError('the listener')`. */
export function closedError(what: string): EvloopError {
  return new EvloopError('EVLOOP_CLOSED', `${what} is closed`);
}

/**
 * For backends: makes an `EVLOOP_UNSUPPORTED` error. `why` is a whole sentence without a full stop.
 */
export function unsupportedError(why: string): EvloopError {
  return new EvloopError('EVLOOP_UNSUPPORTED', why);
}
