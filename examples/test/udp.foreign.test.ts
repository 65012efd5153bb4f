import { randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { needs } from '@evloop/testing';
import { afterAll, describe, expect, it } from 'vitest';
import { Program, startServer, ways } from './program.ts';

const folder = mkdtempSync(join(tmpdir(), 'evloop-'));
afterAll(() => rmSync(folder, { recursive: true }));

describe.each(ways)('udp_server on %s, %s', (backend, wait) => {
  const args = ['--backend', backend, '--wait', wait];

  // A file is read whole, so that it makes one datagram; shut-null sends an empty one at its end,
  // and null-eof ends when that comes back.
  it.each([
    ['UDP4:127.0.0.1', []],
    ['UDP6:[::1]', ['--host', '::1']],
  ] as const)(
    'echoes 1, 1,200 and 65,507 bytes and the empty datagram of socat over %s',
    needs('socat'),
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
});
