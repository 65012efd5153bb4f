import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { closeSync, mkdtempSync, openSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Readable } from 'node:stream';
import { needs } from '@evloop/testing';
import { afterAll, describe, expect, test } from 'vitest';
import { startEcho } from './echo-server.ts';

const FAMILIES = [
  ['udp4', '127.0.0.1:0', '127.0.0.1'],
  ['udp6', '[::1]:0', '::1'],
] as const;
const SIZES = [0, 1, 1200, 65507];

const folder = mkdtempSync(join(tmpdir(), 'evloop-'));
afterAll(() => rmSync(folder, { recursive: true }));

const content = (size: number): Buffer =>
  Buffer.from(Uint8Array.from({ length: size }, (_, i) => (i * 7 + (i >> 8)) & 0xff));
const digest = (data: Uint8Array): string => createHash('sha256').update(data).digest('hex');

describe.each(FAMILIES)('with socat, %s', needs('socat'), (type, address, host) => {
  // A file is read whole, so that it makes one datagram; shut-null sends an empty one at its end,
  // and null-eof ends when that comes back.
  test.each(SIZES.slice(1))(
    '%i bytes and the empty datagram come back as they are',
    async (size) => {
      using server = await startEcho(address);
      const target = type === 'udp4' ? `UDP4:${host}` : `UDP6:[${host}]`;
      const file = join(folder, `${type}-${size}`);
      writeFileSync(file, content(size));
      const input = openSync(file, 'r');
      const to = `${target}:${server.port},shut-null,null-eof`;
      const socat = spawn('socat', ['-b', '65536', '-t', '60', '-', to], {
        stdio: [input, 'pipe', 'inherit'],
      });
      closeSync(input);
      const parts: Buffer[] = [];
      (socat.stdout as Readable).on('data', (part: Buffer) => parts.push(part));
      expect(await once(socat, 'close')).toEqual([0, null]);
      expect(digest(Buffer.concat(parts))).toBe(digest(content(size)));
      expect(server.echoed).toEqual([size, 0]);
    },
  );
});
