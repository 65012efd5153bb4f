import { utf8Length } from './utf8-length.ts';

/**
 * The address of a Unix socket, as Node writes it: a path, a name that begins with `'\0'` in
 * Linux's abstract namespace, or `''` for a socket without an address.
 *
 * A path has at most 107 bytes, an abstract name 108 (unix(7)). A longer one is a RangeError; it is
 * never cut. Other systems allow less: macOS allows a path of 103 bytes. On Windows, a path is that
 * of a pipe: `'\\.\pipe\name'`.
 */
export type UnixAddress = string;

/** The size of `sun_path` of `struct sockaddr_un`: unix(7). */
const SUN_PATH_SIZE = 108;

/**
 * For backends: checks a Unix address.
 *
 * @param size the room that the system has. A path needs one byte of it for its final NUL.
 * @throws TypeError: `path` is not a string, is empty, or has a NUL inside. RangeError: it is too
 *   long.
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
