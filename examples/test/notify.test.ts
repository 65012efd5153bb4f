import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { WouldBlock } from '@evloop/core';
import { Notifier } from '@evloop/listenfd';
import { onlyIf } from '@evloop/testing';
import { afterEach, describe, expect, it } from 'vitest';
import { built, shell, ways } from './program.ts';

const linux = process.platform === 'linux';

const folders: string[] = [];
afterEach(() => {
  for (const folder of folders.splice(0)) rmSync(folder, { recursive: true });
});

/** A value for NOTIFY_SOCKET that nobody uses. */
function socketName(kind: 'a path' | 'an abstract name'): string {
  const folder = mkdtempSync(join(tmpdir(), 'evloop-'));
  folders.push(folder);
  return kind === 'a path' ? join(folder, 'notify') : `@${folder}`;
}

async function openNotifier(socket: string): Promise<Notifier> {
  return Notifier.fromEnvironment(await import('@evloop/epoll'), {
    env: { NOTIFY_SOCKET: socket },
  });
}

describe('Notifier on epoll', onlyIf(linux, 'epoll is Linux only'), () => {
  it('answers WouldBlock to a supervisor that does not read, and throws when it has gone', async () => {
    const { UnixDatagram } = await import('@evloop/epoll');
    const socket = socketName('a path');
    const notifier = await openNotifier(socket);
    expect(() => notifier.ready()).toThrow(/ENOENT/);
    const supervisor = UnixDatagram.bind(socket);
    let sent = 0;
    while (notifier.watchdog() === true) sent++;
    expect([sent > 0, notifier.ready()]).toEqual([true, WouldBlock]);
    const buffer = new Uint8Array(100);
    while (supervisor.recv(buffer) !== WouldBlock) sent--;
    expect([sent, notifier.ready()]).toEqual([0, true]);
    supervisor.close();
    expect(() => notifier.ready()).toThrow(/ECONNREFUSED/);
    notifier.close();
  });
});

describe.each(linux ? ways : [])('tcp_listenfd_server and its supervisor, on %s, %s', (backend) => {
  it.each([
    [
      '--no-addons',
      '/x',
      /NOTIFY_SOCKET is set, and the backend 'net' has no Unix datagram sockets/,
    ],
    ['--no-warnings', 'x', /NOTIFY_SOCKET must be an absolute path/],
    ['--no-warnings', 'vsock:2:1', /no backend has vsock sockets/],
  ])('%s, NOTIFY_SOCKET=%s: one plain line, exit code 1', async (option, socket, message) => {
    const chosen = option === '--no-addons' ? 'net' : backend;
    const server = `${built('tcp_listenfd_server')} --backend ${chosen}`;
    const { code, stdout, stderr } = await shell(
      `NOTIFY_SOCKET=${socket} exec ${process.execPath} ${option} ${server}`,
    );
    expect([code, stdout]).toEqual([1, '']);
    expect(stderr).toMatch(message);
    expect(stderr).toMatch(/^tcp_listenfd_server: [^\n]+\n$/);
  });
});
