import { execFileSync } from 'node:child_process';
import { copyFileSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { userInfo } from 'node:os';
import { join } from 'node:path';
import { findProgram } from '../find-program.mjs';
import { freePort, type Peer, startPeer, temporaryFolder } from './peer.ts';

/** An OpenSSH server, and the user and the key that it lets in. */
export interface SshPeer extends Peer {
  readonly username: string;
  /** The private key of the user. */
  readonly privateKey: string;
  /** A folder for the files of the test. */
  readonly folder: string;
}

/** Starts sshd for the user of this process, with new keys. Every 1 MiB it agrees on new ones. */
export async function startSshd(): Promise<SshPeer> {
  const port = await freePort();
  const folder = temporaryFolder();
  const { username, uid } = userInfo();
  // sshd drops the rights of its child into this folder, which Debian makes when it starts sshd.
  if (uid === 0) mkdirSync('/run/sshd', { recursive: true });
  for (const name of ['host', 'user']) {
    const args = ['-q', '-t', 'ed25519', '-N', '', '-f', join(folder, name)];
    execFileSync('ssh-keygen', args);
  }
  copyFileSync(join(folder, 'user.pub'), join(folder, 'authorized'));
  const file = join(folder, 'sshd.conf');
  const settings = [
    `ListenAddress 127.0.0.1:${port}`,
    `HostKey ${join(folder, 'host')}`,
    `AuthorizedKeysFile ${join(folder, 'authorized')}`,
    `PidFile ${join(folder, 'pid')}`,
    'StrictModes no',
    'UsePAM no',
    'PasswordAuthentication no',
    'PermitRootLogin yes',
    'RekeyLimit 1M',
    'Subsystem sftp internal-sftp',
  ];
  writeFileSync(file, `${settings.join('\n')}\n`);
  // It starts itself again for each connection, so it asks for its absolute path.
  const command = [findProgram('sshd') ?? 'sshd', '-D', '-e', '-f', file];
  const peer = await startPeer(command, /Server listening on/, port);
  const privateKey = readFileSync(join(folder, 'user'), 'utf8');
  return { ...peer, username, privateKey, folder };
}
