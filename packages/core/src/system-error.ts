import { observed } from './diagnostics/error-channel.ts';
import { LINUX_ERRNO } from './linux-errno.ts';

/**
 * A failure that the operating system reported, in the shape of Node's own system errors, so that
 * code and logging written for `node:net` understand it.
 *
 * `takeError()` returns one, and operations throw one, with Node's wording of the message, for
 * instance `connect ECONNREFUSED 127.0.0.1:9`.
 */
export interface SystemError extends Error {
  /** The errno's name, as in errno(3): `'ECONNRESET'`. */
  readonly code: string;
  /** The errno as Node counts it, negative: `-104` on Linux. */
  readonly errno: number;
  /** The system call that failed: `'connect'`, `'bind'`, `'accept'`, `'read'` … */
  readonly syscall: string;
  /** The local (bind) or remote (connect, send) address or path, where one was given. */
  readonly address?: string;
  /** The port that belongs to `address`. */
  readonly port?: number;
  /**
   * With the `EMSGSIZE` of a UDP send: the most bytes that one datagram to `address` may have now,
   * where `supports.udpPathMtu` is true.
   */
  readonly maxSize?: number;
}

const EXHAUSTED: ReadonlySet<string> = new Set(['EMFILE', 'ENFILE', 'ENOBUFS', 'ENOMEM']);
const GONE: ReadonlySet<string> = new Set([
  ...['ECONNABORTED', 'EINTR', 'EPROTO', 'ENOPROTOOPT'],
  ...['ENETDOWN', 'ENETUNREACH', 'EHOSTDOWN', 'EHOSTUNREACH', 'ENONET'],
]);

/**
 * Whether `error`, thrown by `accept`, concerns only one connection or the moment, so that the
 * listener is to be kept. What it is not true for is the listener's own failure.
 *
 * There are two kinds, and {@link isExhausted} tells them apart: when it is false accept again at
 * once, when it is true wait.
 *
 * ```ts
 * if (!isTransient(error)) throw error;
 * if (isExhausted(error)) return; // until the listener is reported again
 * ```
 *
 * The connection was gone before it could be accepted under `ECONNABORTED` and `EPROTO`, and the
 * call interrupted under `EINTR`. Linux also tells here what the network has reported of the new
 * connection (`ENETDOWN`, `EHOSTUNREACH` …): accept(2). Of those `EOPNOTSUPP` is left out, which is
 * also said of what is no listener.
 */
export function isTransient(error: unknown): boolean {
  const code = codeOf(error);
  return GONE.has(code) || EXHAUSTED.has(code);
}

/**
 * Whether `error`, thrown by `accept`, is a want of descriptors (`EMFILE` in the process, `ENFILE`
 * on the system) or memory (`ENOBUFS`, `ENOMEM`).
 *
 * The connection goes on waiting, and accepting again at once would fail again. Stop, and go on
 * when the listener is reported ready: by itself once there is room, where
 * `supports.acceptRecovery` is true.
 */
export function isExhausted(error: unknown): boolean {
  return EXHAUSTED.has(codeOf(error));
}

function codeOf(error: unknown): string {
  const code = (error as { code?: unknown } | null | undefined)?.code;
  return typeof code === 'string' ? code : '';
}

/**
 * The same error, with its errno as Node counts it: Bun counts that of a failed bind upwards. For
 * backends on Node's modules.
 */
export function asNodeCounts(error: SystemError): SystemError {
  return error.errno > 0 ? Object.assign(error, { errno: -error.errno }) : error;
}

interface Host {
  process?: { getBuiltinModule?(id: string): unknown };
}

let numbers: ReadonlyMap<string, number> | undefined;

/** The numbers of errors, by name. Core imports no Node module: it asks the host. */
function systemNumbers(): ReadonlyMap<string, number> {
  const util = (globalThis as Host).process?.getBuiltinModule?.('node:util') as
    | { getSystemErrorMap(): ReadonlyMap<number, readonly [name: string, text: string]> }
    | undefined;
  return new Map(Array.from(util?.getSystemErrorMap() ?? [], ([number, [name]]) => [name, number]));
}

/**
 * For backends: returns an error that the system would have reported, in Node's shape, where no
 * system was asked.
 *
 * @param code the errno's name: `'EPIPE'`. Its number is this system's. Where the host has no
 *   numbers, as a browser has none, it is Linux's, and 0 for a name that Linux does not have.
 * @param at the address or path that it concerns.
 */
export function systemError(code: string, syscall: string, at: Place = {}): SystemError {
  numbers ??= systemNumbers();
  const known = numbers.size > 0 ? numbers.get(code) : linuxNumber(code);
  return makeError(code, known ?? 0, syscall, at);
}

/**
 * For backends that stand for no machine, as a simulated network: as `systemError`, but the number
 * is Linux's on every host, so that a program sees the same everywhere.
 */
export function linuxError(code: string, syscall: string, at: Place = {}): SystemError {
  return makeError(code, linuxNumber(code), syscall, at);
}

type Place = Pick<SystemError, 'address' | 'port'>;

function linuxNumber(code: string): number {
  return Object.hasOwn(LINUX_ERRNO, code) ? -(LINUX_ERRNO[code] as number) : 0;
}

function makeError(code: string, errno: number, syscall: string, at: Place): SystemError {
  const { address, port } = at;
  const place = port === undefined ? address : `${address}:${port}`;
  const error = new Error(`${syscall} ${code}${place === undefined ? '' : ` ${place}`}`);
  return observed(
    Object.assign(error, {
      ...{ code, errno, syscall },
      ...(address === undefined ? {} : { address }),
      ...(port === undefined ? {} : { port }),
    }),
  );
}
