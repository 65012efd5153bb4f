import { mkdtempSync, rmSync } from 'node:fs';
import { createConnection, type NetConnectOpts } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { needs } from '@evloop/testing';
import { afterEach, describe, expect, it } from 'vitest';
import { built, freePort, Program, received, shell, ways } from './program.ts';

const activate = 'systemd-socket-activate';
const server = built('tcp_listenfd_server');

const folders: string[] = [];
afterEach(() => {
  for (const folder of folders.splice(0)) rmSync(folder, { recursive: true });
});

/** A path for a socket. */
function socketPath(): string {
  const folder = mkdtempSync(join(tmpdir(), 'evloop-'));
  folders.push(folder);
  return join(folder, 'socket');
}

/** What a server answers at a port or path. */
async function answer(where: number | string): Promise<string> {
  const at = typeof where === 'string' ? { path: where } : { port: where, host: '127.0.0.1' };
  const socket = createConnection({ ...at, allowHalfOpen: true } as NetConnectOpts);
  socket.end('hello\n');
  return (await received(socket)).toString();
}

type Activation = readonly [
  what: string,
  kinds: readonly ('tcp' | 'unix')[],
  fdname: string,
  names: readonly string[],
];
const activations: readonly Activation[] = [
  ['a Unix path', ['unix'], '', ['unknown']],
  ['a TCP and a Unix socket', ['tcp', 'unix'], '--fdname=front:back', ['front', 'back']],
  ['two TCP sockets', ['tcp', 'tcp'], '--fdname=one:two', ['one', 'two']],
];

describe.each(ways)('tcp_listenfd_server on %s, %s', (backend, wait) => {
  const args = [server, '--backend', backend, '--wait', wait];

  it.each([
    ['', /inherited as 'unknown'|inherited as 'tcp_listenfd/],
    ['--fdname=echo', /inherited as 'echo'/],
  ])(`serves the first client of ${activate} %s`, needs(activate), async (name, line) => {
    const port = await freePort();
    const options = ['-l', `127.0.0.1:${port}`, ...(name === '' ? [] : [name])];
    const program = new Program(activate, [...options, process.execPath, ...args]);
    await program.printed(/Listening on/, 'stderr');
    const { stdout } = await shell(
      `printf 'hello\\n' | ${process.execPath} ${built('tcp_client')} --port ${port}`,
    );
    expect(stdout).toBe('Hello world!\nhello\n');
    expect(program.stdout).toMatch(line);
    expect(await program.stop()).toBe(0);
  });

  for (const [what, kinds, fdname, names] of activations) {
    it(`serves ${what} of ${activate}`, needs(activate), async () => {
      const places: (number | string)[] = [];
      for (const kind of kinds) places.push(kind === 'tcp' ? await freePort() : socketPath());
      const shown = places.map((at) => (typeof at === 'string' ? at : `127.0.0.1:${at}`));
      const options = [...shown.flatMap((at) => ['-l', at]), ...(fdname === '' ? [] : [fdname])];
      const program = new Program(activate, [...options, process.execPath, ...args]);
      for (const at of shown) await program.printed(new RegExp(`Listening on ${at}`), 'stderr');
      for (const at of [...places, ...places]) {
        expect(await answer(at)).toBe('Hello world!\nhello\n');
      }
      for (const [i, at] of shown.entries()) {
        expect(program.stdout).toContain(`listens on ${at} (inherited as '${names[i]}')\n`);
      }
      expect(await program.stop()).toBe(0);
    });
  }
});
