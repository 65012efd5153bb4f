import { fstatSync, readFileSync } from 'node:fs';
import { unsupportedError } from '@evloop/core/backend';
import { supports } from '../supports.ts';

/** What the kernel says of a Unix socket. */
export interface UnixSocketState {
  /** Its name; `''` where it has none. */
  readonly name: string;
  readonly listening: boolean;
  readonly connected: boolean;
}

/**
 * Checks that `fd` may be adopted: libuv would close what is no socket, and Node asks nothing
 * before it takes a descriptor.
 *
 * @returns the number of its inode.
 * @throws RangeError for what is no descriptor number; `EBADF`; TypeError for what is no socket;
 *   `EVLOOP_UNSUPPORTED`.
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

/** The error about a descriptor that is something else than a `kind`. */
export function wrongKind(fd: number, kind: string, cause?: unknown): TypeError {
  return new TypeError(`descriptor ${fd} is not a ${kind}`, { cause });
}

const COLUMNS =
  /^\S+ \S+ \S+ (?<flags>[\dA-F]+) 0001 (?<state>[\dA-F]+) +(?<inode>\d+)(?: (?<name>.*))?$/;
const ACCEPTS = 0x10000;
const CONNECTED = '03';

/**
 * What the kernel's table of Unix stream sockets, /proc/net/unix of proc_pid_net(5), says of the
 * one with this inode.
 *
 * `undefined` for other sockets, and where there is no such table, or the socket belongs to another
 * network namespace.
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
