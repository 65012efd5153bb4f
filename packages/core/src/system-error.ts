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
}

const TRANSIENT: ReadonlySet<string> = new Set([
  'ECONNABORTED',
  'EINTR',
  'EMFILE',
  'ENFILE',
  'ENOBUFS',
  'ENOMEM',
  'EPROTO',
]);

/**
 * Whether `error`, thrown by `accept`, concerns only the connection or the moment, so that the
 * listener is to be kept.
 *
 * Under `EMFILE` and `ENFILE` (no descriptor is free, in the process or on the system) accepting again
 * at once fails again: stop, and go on when the listener is reported ready, which happens by itself once
 * descriptors are free. The list is accept(2)'s: `ECONNABORTED`, `EINTR`, `EMFILE`, `ENFILE`, `ENOBUFS`,
 * `ENOMEM`, `EPROTO`.
 */
export function isTransient(error: unknown): boolean {
  const code = (error as { code?: unknown } | null | undefined)?.code;
  return typeof code === 'string' && TRANSIENT.has(code);
}
