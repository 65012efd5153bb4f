import { observed } from './diagnostics/error-channel.ts';
import { LINUX_ERRNO } from './linux-errno.ts';

/**
 * A failure that the operating system reported, in the shape of Node's own system errors. Code and
 * logging written for `node:net` understand it.
 *
 * Operations throw one, and `takeError()` returns one. The message has Node's wording, for instance
 * `connect ECONNREFUSED 127.0.0.1:9`.
 */
export interface SystemError extends Error {
  /** The name of the errno, as in errno(3): `'ECONNRESET'`. */
  readonly code: string;
  /** The errno as Node counts it, negative: `-104` on Linux. */
  readonly errno: number;
  /** The system call that failed: `'connect'`, `'bind'`, `'accept'`, `'read'` … */
  readonly syscall: string;
  /** The local (bind) or remote (connect, send) address or path, if the error has one. */
  readonly address?: string;
  /** The port that belongs to `address`. */
  readonly port?: number;
  /**
   * For the `EMSGSIZE` of a UDP send, if `supports.udpPathMtu` is true: the most bytes that one
   * datagram to `address` may have now.
   */
  readonly maxSize?: number;
}

const EXHAUSTED: ReadonlySet<string> = new Set(['EMFILE', 'ENFILE', 'ENOBUFS', 'ENOMEM']);
const GONE: ReadonlySet<string> = new Set([
  ...['ECONNABORTED', 'EINTR', 'EPROTO', 'ENOPROTOOPT'],
  ...['ENETDOWN', 'ENETUNREACH', 'EHOSTDOWN', 'EHOSTUNREACH', 'ENONET'],
]);

/**
 * Returns whether an error of `accept` concerns only one connection, or a passing shortage. The
 * listener is still good, so keep it. For other errors, the listener itself has failed.
 *
 * There are two kinds of transient errors. {@link isExhausted} tells them apart: if it is false,
 * accept again at once; if it is true, wait.
 *
 * ```ts
 * if (!isTransient(error)) throw error;
 * if (isExhausted(error)) return; // until the listener is reported again
 * ```
 *
 * | code | what happened |
 * |---|---|
 * | `ECONNABORTED`, `EPROTO` | the connection was gone before it could be accepted |
 * | `EINTR` | a signal interrupted the call |
 * | `ENETDOWN`, `EHOSTUNREACH` … | the network reported an error of the new connection: Linux returns it here, accept(2) |
 *
 * `EOPNOTSUPP` is not transient, although accept(2) lists it: it also means that the socket is not
 * a listener.
 */
export function isTransient(error: unknown): boolean {
  const code = codeOf(error);
  return GONE.has(code) || EXHAUSTED.has(code);
}

/**
 * Returns whether an error of `accept` means that descriptors (`EMFILE` in the process, `ENFILE` on
 * the system) or memory (`ENOBUFS`, `ENOMEM`) ran out.
 *
 * The connection stays in the queue, and accepting again at once would fail again. Stop, and
 * continue when the listener is reported again. Where `supports.acceptRecovery` is true, that
 * happens as soon as there is room.
 */
export function isExhausted(error: unknown): boolean {
  return EXHAUSTED.has(codeOf(error));
}

function codeOf(error: unknown): string {
  const code = (error as { code?: unknown } | null | undefined)?.code;
  return typeof code === 'string' ? code : '';
}

/**
 * For backends on Node's modules: returns the same error, with a negative errno as in Node. Bun
 * gives a positive one for a failed bind.
 */
export function asNodeCounts(error: SystemError): SystemError {
  return error.errno > 0 ? Object.assign(error, { errno: -error.errno }) : error;
}

interface Host {
  process?: { getBuiltinModule?(id: string): unknown };
}

let numbers: ReadonlyMap<string, number> | undefined;

/** Returns the numbers of errors by name. Core imports no Node module, so it asks the host. */
function systemNumbers(): ReadonlyMap<string, number> {
  const util = (globalThis as Host).process?.getBuiltinModule?.('node:util') as
    | { getSystemErrorMap(): ReadonlyMap<number, readonly [name: string, text: string]> }
    | undefined;
  return new Map(Array.from(util?.getSystemErrorMap() ?? [], ([number, [name]]) => [name, number]));
}

/**
 * For backends: makes an error in Node's shape, as the system would report it, for a failure that
 * no system call reported.
 *
 * @param code the name of the errno: `'EPIPE'`. Its number is this system's. On a host without
 *   numbers (a browser) it is Linux's, and 0 for a name that Linux lacks.
 * @param at the address or path that the error is about.
 */
export function systemError(code: string, syscall: string, at: Place = {}): SystemError {
  numbers ??= systemNumbers();
  const known = numbers.size > 0 ? numbers.get(code) : linuxNumber(code);
  return makeError(code, known ?? 0, syscall, at);
}

/**
 * For backends that simulate a machine: as `systemError`, but with Linux's number on every host, so
 * that a program sees the same everywhere.
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
