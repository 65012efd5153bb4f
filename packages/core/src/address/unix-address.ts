import { utf8Length } from './utf8-length.ts';

/**
 * The address of a Unix socket, as Node writes it: a path; a name that begins with `'\0'` in Linux'
 * abstract namespace; or `''` for a socket that has none. Paths are at most 107 bytes long, and
 * abstract names 108 (unix(7)); longer ones are a RangeError, never cut. Other systems allow less
 * for a path: macOS 103. On Windows a path is that of a pipe: `'\\.\pipe\name'`.
 */
export type UnixAddress = string;

/** The most that `sun_path` of `struct sockaddr_un` holds: unix(7). */
const SUN_PATH_SIZE = 108;

/**
 * For backends: checks a Unix address that a program gives.
 *
 * @param size what the system has room for; a path needs one byte of it for the NUL at its end.
 * @throws TypeError for what is no string, is empty, or has a NUL inside a path; RangeError when it
 *   is too long.
 */
export function checkUnixAddress(path: UnixAddress, size: number = SUN_PATH_SIZE): void {
  if (typeof path !== 'string')
    throw new TypeError(`invalid path: ${String(path)} (expected a string)`);
  if (path === '') throw new TypeError("invalid path: '' (expected at least one character)");
  const abstract = path.startsWith('\0');
  if (!abstract && path.includes('\0'))
    throw new TypeError(
      `invalid path: ${JSON.stringify(path)} (a NUL is allowed only first, for an abstract name)`,
    );
  const longest = abstract ? size : size - 1;
  const bytes = utf8Length(path);
  if (bytes <= longest) return;
  throw new RangeError(`invalid path: '${path}' has ${bytes} bytes (expected at most ${longest})`);
}
