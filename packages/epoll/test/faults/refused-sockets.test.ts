// A service may be forbidden to make sockets: RestrictAddressFamilies= of systemd.exec(5).

import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { connect } from 'node:net';
import { constants, tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Readable } from 'node:stream';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';
import { noNativeObject, onlyIf } from '@evloop/testing';
import { afterAll, expect, test } from 'vitest';
import { supports, TcpListener, UdpSocket } from '../../src/index.ts';
import { native } from '../../src/native/native.ts';
import { bytes, own } from '../support/fixture.ts';

const { AF_INET, AF_INET6, AF_UNIX } = native.constants;
const folder = mkdtempSync(join(tmpdir(), 'evloop-'));
afterAll(() => rmSync(folder, { recursive: true }));

const here = (name: string): string => fileURLToPath(new URL(name, import.meta.url));
const preload = join(folder, 'refused-sockets.so');
const compiler = process.env['CC'] || 'cc';
const compiled = spawnSync(compiler, [
  ...['-shared', '-fPIC', '-o', preload, here('refused-sockets.c')],
]);
const able = compiled.status === 0;

test.each([
  ['IP sockets', [AF_INET, AF_INET6], 'EAFNOSUPPORT'],
  ['IPv4 sockets', [AF_INET], 'EACCES'],
  ['any socket', [AF_INET, AF_INET6, AF_UNIX], 'EPERM'],
  ['a socket for want of descriptors', [AF_INET, AF_INET6, AF_UNIX], 'EMFILE'],
] as const)(
  'a process that may not make %s serves what it inherits',
  onlyIf(able, noNativeObject ?? 'there is no C compiler'),
  async (_, families, errno) => {
    const listener = own(TcpListener.bind('127.0.0.1:0'));
    const datagrams = own(UdpSocket.bind('127.0.0.1:0'));
    const child = spawn(process.execPath, [here('../programs/inherited-only.mjs')], {
      stdio: ['ignore', 'pipe', 'pipe', listener.fd, datagrams.fd],
      env: {
        ...process.env,
        NODE_OPTIONS: '',
        LD_PRELOAD: preload,
        REFUSED_FAMILIES: families.join(),
        REFUSED_ERRNO: String(constants.errno[errno]),
      },
    });
    const { address, port } = listener.localAddr();
    const client = connect(port, address);
    own(UdpSocket.bind('127.0.0.1:0')).sendTo(bytes('datagram'), datagrams.localAddr());
    const [[code], stdout, stderr, greeting] = await Promise.all([
      once(child, 'exit'),
      text(child.stdout as Readable),
      text(child.stderr as Readable),
      text(client),
    ]);
    expect(code, stderr).toBe(0);
    expect(greeting).toBe('hello');
    const known = families.length === 1 && supports.udpSegmentation;
    expect(JSON.parse(stdout)).toMatchObject({
      ...{ refused: errno, received: 8 },
      ...{ udpSegmentation: known, udpCoalescing: known && supports.udpCoalescing },
    });
  },
);
