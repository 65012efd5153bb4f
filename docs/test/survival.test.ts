// A program that is shown is safe to copy: it survives what a machine does to a server.

import { execFileSync } from 'node:child_process';
import { once } from 'node:events';
import { connect } from 'node:net';
import { join } from 'node:path';
import { onlyIf } from '@evloop/testing';
import { beforeAll, describe, expect, it, vi } from 'vitest';
import { Program } from '../../examples/test/program.ts';
import { allBlocks, type Block, root } from '../src/blocks.mjs';
import { compile, moduleOf } from './compile.ts';

vi.setConfig({ testTimeout: 300_000, hookTimeout: 600_000 });

const DESCRIPTORS = 40;
const folder = join(root, 'docs/build/survival');
const servers = allBlocks().filter(
  ({ name, text }) => name === 'server.ts' && text.includes("from 'evloop'"),
);
const backends = process.platform === 'linux' ? ['epoll', 'net'] : ['net'];

/** A UDP server closes its socket instead of the first answer. */
const changed = ({ text }: Block): string =>
  text
    .replaceAll(/(127\.0\.0\.1):\d+/g, '$1:0')
    .replaceAll('socket.sendTo(', 'socket.close(); socket.sendTo(');

beforeAll(() => {
  const pieces = servers.map((program) => ({ ...program, text: changed(program) }));
  expect(compile(folder, pieces, true)).toBe('');
});

const tcp = servers.filter(({ text }) => text.includes('TcpListener'));
const udp = servers.filter(({ text }) => text.includes('UdpSocket'));

/** Connects, and resolves to whether the server does anything with the connection. */
async function serves(port: number): Promise<boolean> {
  const socket = connect(port, '127.0.0.1');
  socket.on('error', () => {});
  socket.write('hello\n');
  const over = new AbortController();
  const { signal } = over;
  const answer = once(socket, 'data', { signal }).then(() => true);
  const end = once(socket, 'close', { signal }).then(() => false);
  return Promise.race([answer, end]).finally(() => {
    over.abort();
    for (const each of [answer, end]) each.catch(() => {});
    socket.destroy();
  });
}

it('there are servers of both kinds', () => {
  expect([tcp.length > 6, udp.length > 1]).toEqual([true, true]);
});

describe.each(tcp)('the server at $file:$line', (program) => {
  it.each(backends)(
    'survives on %s that no descriptor is free, and then serves again',
    onlyIf(process.platform === 'linux', 'it needs Linux'),
    async (backend) => {
      const file = join(folder, `${moduleOf(program)}.js`);
      const running = new Program(process.execPath, [file], { EVLOOP_BACKEND: backend });
      const [, port] = await running.printed(/port (\d+)\n/);
      // Only now: Node opens all modules at once.
      const limit = [`--pid=${running.child.pid}`, `--nofile=${DESCRIPTORS}:${DESCRIPTORS}`];
      execFileSync('prlimit', limit);
      const crowd = Array.from({ length: 60 }, () => connect(Number(port), '127.0.0.1'));
      for (const socket of crowd) socket.on('error', () => {}).resume();
      await Promise.all(crowd.map((socket) => once(socket, 'connect').catch(() => {})));
      const waiting = connect(Number(port), '127.0.0.1')
        .on('error', () => {})
        .resume();
      await new Promise((resolve) => setTimeout(resolve, 200));
      for (const socket of [...crowd, waiting]) socket.destroy();
      // Step 2 of the tutorial never closes a client, so its table stays full.
      let served = !program.text.includes('.close()');
      while (!served && running.child.exitCode === null) served = await serves(Number(port));
      expect([running.child.exitCode, running.stderr]).toEqual([null, '']);
      await running.kill();
    },
  );
});

describe.each(udp)('the server at $file:$line', (program) => {
  it.each(backends)('ends on %s when its socket is closed', async (backend) => {
    const { createSocket } = await import('node:dgram');
    const file = join(folder, `${moduleOf(program)}.js`);
    const running = new Program(process.execPath, [file], { EVLOOP_BACKEND: backend });
    const [, port] = await running.printed(/port (\d+)\n/);
    const socket = createSocket('udp4');
    socket.send('hello', Number(port), '127.0.0.1');
    expect(await running.ended).toBe(1);
    expect(running.stderr).toMatch(/EVLOOP_CLOSED/);
    socket.close();
  });
});
