import { execFileSync } from 'node:child_process';
import { chownSync, readdirSync, writeFileSync } from 'node:fs';
import { userInfo } from 'node:os';
import { join } from 'node:path';
import { freePort, type Peer, startPeer, temporaryFolder } from './peer.ts';

/** What {@link startPostgres} makes of TLS. */
export interface PostgresOptions {
  /** The certificate and the key of the server, in PEM. Default: it has no TLS. */
  readonly tls?: { readonly cert: string; readonly key: string };
}

/** Starts PostgreSQL with a database `postgres`, whose user `postgres` needs no password. */
export async function startPostgres({ tls }: PostgresOptions = {}): Promise<Peer> {
  const port = await freePort();
  const folder = temporaryFolder();
  const data = join(folder, 'data');
  const asUser = userInfo().uid === 0 ? ['setpriv', '--reuid=postgres', '--clear-groups'] : [];
  const command = (program: string, ...args: string[]): string[] => {
    return [...asUser, join(programs(), program), ...args];
  };
  const settings = ['listen_addresses=127.0.0.1', `unix_socket_directories=${folder}`, 'fsync=off'];
  const owned = [folder];
  if (tls !== undefined) {
    for (const [name, text] of Object.entries(tls)) {
      const file = join(folder, `${name}.pem`);
      // PostgreSQL rejects a key that others may read.
      writeFileSync(file, text, { mode: 0o600 });
      owned.push(file);
      settings.push(`ssl_${name}_file=${file}`);
    }
    settings.push('ssl=on');
  }
  // PostgreSQL refuses to run as root.
  if (asUser.length > 0) for (const path of owned) chownSync(path, idOf('postgres'), -1);
  const [file, ...args] = command('initdb', '-D', data, '-U', 'postgres', '-A', 'trust', '-N');
  execFileSync(file as string, args, { stdio: ['ignore', 'ignore', 'pipe'] });
  const options = settings.flatMap((setting) => ['-c', setting]);
  const server = command('postgres', '-D', data, '-p', `${port}`, ...options);
  return startPeer(server, /database system is ready to accept connections/, port);
}

/** Returns the folder of the newest version: Debian keeps these programs out of the PATH. */
function programs(): string {
  const parent = '/usr/lib/postgresql';
  const versions = readdirSync(parent).map(Number);
  return join(parent, String(Math.max(...versions)), 'bin');
}

function idOf(user: string): number {
  return Number(execFileSync('id', ['-u', user], { encoding: 'utf8' }));
}
