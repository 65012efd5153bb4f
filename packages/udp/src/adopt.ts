import type { Socket } from 'node:dgram';
import { fstatSync, readFileSync } from 'node:fs';
import { unsupportedError } from '@evloop/core/backend';
import { newDgram } from './bind.ts';
import { checkNumber } from './dgram-options.ts';

type Family = 'IPv4' | 'IPv6';

/** Makes a `node:dgram` socket on an inherited descriptor: see `UdpSocket.fromFd`. */
export async function adoptDgram(fd: number): Promise<{ dgram: Socket; family: Family }> {
  checkNumber('descriptor', fd, 0, 0x7fffffff);
  if (process.platform === 'win32')
    throw unsupportedError('adopting descriptors is not supported on Windows');
  // Node treats 0 as no descriptor, and binds another socket.
  if (fd === 0) throw unsupportedError('node:dgram cannot take over descriptor 0');
  const status = fstatSync(fd);
  if (!status.isSocket())
    throw new TypeError(`descriptor ${fd} is not a socket (expected a UDP socket)`);
  const family = familyOf(fd, status.ino);
  const dgram = newDgram(family);
  try {
    await new Promise<void>((resolve, reject) => {
      dgram.once('listening', resolve).once('error', reject);
      // Node rejects a descriptor that is not a UDP socket before it takes it, and emits
      // 'listening' at once.
      dgram.bind({ fd, exclusive: true });
    });
    dgram.removeAllListeners('error');
  } catch (cause) {
    dgram.close();
    throw new TypeError(`descriptor ${fd} is not a UDP socket`, { cause });
  }
  if (dgram.address().family === family) return { dgram, family };
  dgram.close();
  throw unsupportedError(`this system does not tell that descriptor ${fd} is an IPv6 socket`);
}

/**
 * Returns the family of a socket. It must be known before Node takes the descriptor, because Node
 * does not give it back. Linux has it in the tables of proc(5). Other systems don't tell it.
 */
function familyOf(fd: number, inode: number): Family {
  for (const [file, family] of [
    ['udp', 'IPv4'],
    ['udp6', 'IPv6'],
  ] as const) {
    const row = rows(file).find((columns) => columns[9] === String(inode));
    if (row === undefined) continue;
    // Node would not know the peer, and could not remove it.
    if (/[^0:]/.test(row[2] ?? '')) {
      throw unsupportedError(`node:dgram cannot take over descriptor ${fd}, which is connected`);
    }
    return family;
  }
  return 'IPv4';
}

function rows(file: string): string[][] {
  try {
    const lines = readFileSync(`/proc/self/net/${file}`, 'latin1').split('\n');
    return lines.map((line) => line.trim().split(/\s+/));
  } catch {
    return [];
  }
}
