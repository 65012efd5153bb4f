import { fstatSync, readFileSync } from 'node:fs';

/** The kind of a descriptor's socket. */
export interface SocketKind {
  readonly family: 'IPv4' | 'IPv6' | 'Unix';
  readonly type: 'stream' | 'datagram' | 'sequenced';
  /** Whether it accepts connections. */
  readonly listening: boolean;
}

const LISTEN = '0A';
const UNIX_LISTENING = 0x10000;
const UNIX_TYPES: Readonly<Record<string, SocketKind['type']>> = {
  '0001': 'stream',
  '0002': 'datagram',
  '0005': 'sequenced',
};

/** One of the kernel's tables of sockets: proc(5). */
interface Table {
  readonly file: string;
  /** The column of the inode, counted from 0. */
  readonly inode: number;
  kind(columns: readonly string[]): SocketKind | undefined;
}

const ip = (family: 'IPv4' | 'IPv6', type: 'stream' | 'datagram', file: string): Table => ({
  file,
  inode: 9,
  kind: (columns) => ({ family, type, listening: type === 'stream' && columns[3] === LISTEN }),
});

// The short tables first: a busy server has a long table of TCP connections.
const TABLES: readonly Table[] = [
  {
    file: 'unix',
    inode: 6,
    kind(columns) {
      const type = UNIX_TYPES[columns[4] ?? ''];
      const listening = (Number.parseInt(columns[3] ?? '', 16) & UNIX_LISTENING) !== 0;
      return type && { family: 'Unix', type, listening };
    },
  },
  ip('IPv4', 'datagram', 'udp'),
  ip('IPv6', 'datagram', 'udp6'),
  ip('IPv4', 'stream', 'tcp'),
  ip('IPv6', 'stream', 'tcp6'),
];

/**
 * Returns the kind of a descriptor's socket, which decides what source may adopt it:
 * sd_is_socket(3). It is looked up in Linux's tables under `/proc`. Changes nothing.
 *
 * `fromFd` of the source verifies the kind again. So after `undefined`, adopting may still succeed.
 *
 * @returns `undefined`: `fd` is not a socket, or is one of another kind; its socket belongs to
 *   another network namespace, whose tables are not visible; or this is not Linux.
 * @throws `EBADF`: `fd` is closed.
 */
export function socketKind(fd: number): SocketKind | undefined {
  const status = fstatSync(fd);
  if (!status.isSocket()) return undefined;
  const inode = String(status.ino);
  for (const table of TABLES) {
    const columns = find(table, inode);
    if (columns !== undefined) return table.kind(columns);
  }
  return undefined;
}

function find({ file, inode }: Table, wanted: string): readonly string[] | undefined {
  let text: string;
  try {
    text = readFileSync(`/proc/self/net/${file}`, 'latin1');
  } catch {
    // Another system, or a kernel without that protocol.
    return undefined;
  }
  for (const line of text.split('\n')) {
    if (!line.includes(wanted)) continue;
    const columns = line.trim().split(/\s+/);
    if (columns[inode] === wanted) return columns;
  }
  return undefined;
}
