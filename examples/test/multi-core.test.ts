import { onlyIf } from '@evloop/testing';
import { expect, test } from 'vitest';
import { built, connected, Program, received, startServer } from './program.ts';

const CLIENTS = 60;

test(
  'workers share a port, each prints its share, and the shares are all the clients',
  onlyIf(process.platform === 'linux', 'epoll is Linux only'),
  async () => {
    const server = await startServer('multi_core_server', ['--workers', '3']);
    expect(server.stdout).toContain('with 3 workers');
    const echoes = Array.from({ length: CLIENTS }, async (_, i) => {
      const socket = await connected(server.port);
      const echo = received(socket);
      socket.end(`client ${i}\n`);
      return String(await echo);
    });
    const expected = Array.from({ length: CLIENTS }, (_, i) => `Hello world!\nclient ${i}\n`);
    expect(await Promise.all(echoes)).toEqual(expected);
    // One stays: stopping is to end it.
    const last = received(await connected(server.port));
    const [line] = await server.printed(new RegExp(`^${CLIENTS + 1} clients: .*\n`, 'm'));
    const shares = Array.from(line.matchAll(/(\d+) \(\d+ %\)/g), ([, share]) => Number(share));
    expect(shares).toHaveLength(3);
    expect(shares.reduce((sum, share) => sum + share)).toBe(CLIENTS + 1);
    expect(await server.stop('SIGINT')).toBe(0);
    expect(String(await last)).toBe('Hello world!\n');
    expect(server.stderr).toBe('');
  },
);

test(
  'a port that another program has is one line, and exit code 1',
  onlyIf(process.platform === 'linux', 'epoll is Linux only'),
  async () => {
    const holder = await startServer('tcp_server', []);
    const port = String(holder.port);
    const args = [built('multi_core_server'), '--workers', '2', '--port', port];
    const late = new Program(process.execPath, args);
    expect(await late.ended).toBe(1);
    expect(late.stderr).toBe(
      `multi_core_server: cannot listen on 127.0.0.1:${port}: address already in use (EADDRINUSE)\n`,
    );
    expect(await holder.stop()).toBe(0);
  },
);

test('more workers than any machine has use for are one line, and exit code 1', async () => {
  const args = [built('multi_core_server'), '--workers', '999999999', '--port', '0'];
  const program = new Program(process.execPath, args);
  expect(await program.ended).toBe(1);
  expect(program.stderr).toBe(
    "multi_core_server: --workers is a number from 1 to 1024, not '999999999'\n",
  );
});
