import { randomBytes } from 'node:crypto';
import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { answered, built, has, Program, startServer, ways } from './program.ts';

/** The command that examples/README.md shows for trying the server. */
const command = readFileSync(new URL('../README.md', import.meta.url), 'utf8')
  .split('\n')
  .find((line) => line.startsWith("printf 'hello\\n' | socat") && line.includes('UDP'));

const folder = mkdtempSync(join(tmpdir(), 'evloop-'));
afterAll(() => rmSync(folder, { recursive: true }));

/** Sends one datagram, and resolves to the answer. */
async function echoed(family: 'udp4' | 'udp6', port: number, data: Buffer): Promise<Buffer> {
  const socket = createSocket(family);
  const answer = once(socket, 'message');
  socket.send(data, port, family === 'udp4' ? '127.0.0.1' : '::1');
  const [message] = (await answer) as [Buffer];
  socket.close();
  return message;
}

describe.each(ways)('udp_server on %s, %s', (backend, wait) => {
  const args = ['--backend', backend, '--wait', wait];

  it.each([
    ['udp4', []],
    ['udp6', ['--host', '::1']],
  ] as const)(
    'echoes datagrams of every size, the empty one too, over %s',
    async (family, host) => {
      const server = await startServer('udp_server', [...args, ...host]);
      for (const size of [0, 1, 1200, 65_507]) {
        const data = Buffer.alloc(size, size % 251);
        expect((await echoed(family, server.port, data)).equals(data)).toBe(true);
      }
      expect(await server.stop()).toBe(0);
      expect(server.stdout).toMatch(/^4 datagrams echoed; 0 not sent .* 0 refused; 0 lost/m);
    },
  );

  it.skipIf(!has('socat'))('answers socat (skipped where socat is not installed)', async () => {
    const server = await startServer('udp_server', args);
    expect(command).toBeDefined();
    expect(await answered(String(command).replace('9000', String(server.port)))).toBe('hello\n');
    expect(await server.stop('SIGINT')).toBe(0);
  });

  // A file is read whole, so that it makes one datagram; shut-null sends an empty one at its end, and null-eof ends when that comes back.
  it.skipIf(!has('socat')).each([
    ['UDP4:127.0.0.1', []],
    ['UDP6:[::1]', ['--host', '::1']],
  ] as const)(
    'echoes 1, 1,200 and 65,507 bytes and the empty datagram of socat over %s (skipped where socat is not installed)',
    async (target, host) => {
      const server = await startServer('udp_server', [...args, ...host]);
      const file = join(folder, `${backend}-${wait}-${host.length}`);
      for (const size of [1, 1200, 65_507]) {
        const data = randomBytes(size);
        writeFileSync(file, data);
        const to = `${target}:${server.port},shut-null,null-eof`;
        const socat = new Program('/bin/sh', [
          '-c',
          `exec socat -b 65536 -t 60 - '${to}' < ${file}`,
        ]);
        expect(await socat.ended).toBe(0);
        expect(Buffer.from(socat.stdout, 'latin1').equals(data)).toBe(true);
      }
      expect(await server.stop()).toBe(0);
      expect(server.stdout).toMatch(/^6 datagrams echoed; 0 not sent .* 0 refused; 0 lost/m);
    },
  );

  it('says in one line that the port is in use, and exits with 1', async () => {
    const other = createSocket('udp4').bind(0, '127.0.0.1');
    await once(other, 'listening');
    const { port } = other.address();
    const program = new Program(process.execPath, [
      built('udp_server'),
      '--port',
      `${port}`,
      ...args,
    ]);
    expect(await program.ended).toBe(1);
    other.close();
    expect(program.stderr).toBe(
      `udp_server: cannot bind to 127.0.0.1:${port}: address already in use (EADDRINUSE)\n`,
    );
  });
});
