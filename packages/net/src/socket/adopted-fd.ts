import { fstatSync, readFileSync } from 'node:fs';
import { unsupportedError } from '@evloop/core/backend';
import { supports } from '../supports.ts';

/** The kernel's record of a Unix socket. */
export interface UnixSocketState {
  /** Its name; `''` if it has none. */
  readonly name: string;
  readonly listening: boolean;
  readonly connected: boolean;
}

/**
 * Checks that `fd` may be adopted. libuv would close a descriptor that is not a socket, and Node
 * checks nothing before it takes one.
 *
 * @returns the number of its inode.
 * @throws RangeError: `fd` is not a descriptor number. `EBADF`: it is closed. TypeError: it is not
 *   a socket. EVLOOP_UNSUPPORTED: `supports.adoptFd` is false.
 */
export function checkSocket(fd: number): number {
  if (!Number.isInteger(fd) || fd < 0 || fd > 0x7fffffff) {
    throw new RangeError(
      `invalid descriptor: ${String(fd)} (expected an integer from 0 to ${0x7fffffff})`,
    );
  }
  if (!supports.adoptFd)
    throw unsupportedError('adopting descriptors is supported only on Node, and not on Windows');
  const stat = fstatSync(fd);
  if (!stat.isSocket()) throw new TypeError(`descriptor ${fd} is not a socket`);
  return stat.ino;
}

/** Makes the error for a descriptor that is not a `kind`. */
export function wrongKind(fd: number, kind: string, cause?: unknown): TypeError {
  return new TypeError(`descriptor ${fd} is not a ${kind}`, { cause });
}

const COLUMNS =
  /^\S+ \S+ \S+ (?<flags>[\dA-F]+) 0001 (?<state>[\dA-F]+) +(?<inode>\d+)(?: (?<name>.*))?$/;
const ACCEPTS = 0x10000;
const CONNECTED = '03';

/**
 * Finds the socket with this inode in the kernel's table of Unix sockets: /proc/net/unix of
 * proc_pid_net(5).
 *
 * @returns `undefined`: another kind of socket, a socket of another network namespace, or no such
 *   table on this system.
 */
export function unixSocketState(inode: number): UnixSocketState | undefined {
  for (const line of unixSockets().split('\n')) {
    const found = COLUMNS.exec(line)?.groups;
    if (found === undefined || Number(found['inode']) !== inode) continue;
    return {
      // The table writes NUL as @.
      name: (found['name'] ?? '').replace(/^@/, '\0'),
      listening: (Number.parseInt(found['flags'] as string, 16) & ACCEPTS) !== 0,
      connected: found['state'] === CONNECTED,
    };
  }
  return undefined;
}

function unixSockets(): string {
  try {
    return readFileSync('/proc/net/unix', 'utf8');
  } catch {
    return '';
  }
}
