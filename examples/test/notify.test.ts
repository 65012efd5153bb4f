import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { WouldBlock } from '@evloop/core';
import { Notifier } from '@evloop/listenfd';
import { afterEach, describe, expect, it } from 'vitest';
import { built, connected, freePort, has, Program, received, shell, ways } from './program.ts';

const linux = process.platform === 'linux';
const lacking = ['socat', 'systemd-socket-activate', 'systemd-notify'].filter((one) => !has(one));
const skipped = lacking.length > 0 ? ` (skipped without ${lacking.join(', ')})` : '';

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

/** Receives at `socket`, as systemd does, and prints what it gets without anything in between. */
async function receiver(socket: string): Promise<Program> {
  const at = socket.startsWith('@') ? `ABSTRACT-RECV:${socket.slice(1)}` : `UNIX-RECV:${socket}`;
  const program = new Program('socat', ['-u', '-dd', at, 'STDOUT']);
  await program.printed(/starting data transfer loop/, 'stderr');
  return program;
}

async function openNotifier(socket: string): Promise<Notifier> {
  return Notifier.fromEnvironment(await import('@evloop/epoll'), {
    env: { NOTIFY_SOCKET: socket },
  });
}

describe.runIf(linux)('Notifier on epoll (of Linux)', () => {
  it.skipIf(skipped !== '').each(['a path', 'an abstract name'] as const)(
    `sends to %s what systemd-notify sends${skipped}`,
    async (kind) => {
      const socket = socketName(kind);
      const supervisor = await receiver(socket);
      const reference = `NOTIFY_SOCKET=${socket} systemd-notify --no-block`;
      const { code } = await shell(
        `${reference} --ready --status='All is well' && ${reference} WATCHDOG=1`,
      );
      expect(code).toBe(0);
      await supervisor.printed(/WATCHDOG=1/);
      const expected = supervisor.stdout;
      supervisor.stdout = '';
      const notifier = await openNotifier(socket);
      expect([notifier.ready('All is well'), notifier.watchdog()]).toEqual([true, true]);
      await supervisor.printed(/WATCHDOG=1/);
      expect(supervisor.stdout).toBe(expected);
      notifier.close();
    },
  );

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

describe.each(linux ? ways : [])(
  'tcp_listenfd_server and its supervisor, on %s, %s',
  (backend, wait) => {
    const args = [built('tcp_listenfd_server'), '--backend', backend, '--wait', wait];

    it.skipIf(skipped !== '')(`says READY, WATCHDOG and STOPPING${skipped}`, async () => {
      const socket = socketName('a path');
      const supervisor = await receiver(socket);
      const port = await freePort();
      const env = ['-E', `NOTIFY_SOCKET=${socket}`, '-E', 'WATCHDOG_USEC=200000'];
      const command = ['-l', `127.0.0.1:${port}`, ...env, process.execPath, ...args];
      const server = new Program('systemd-socket-activate', command);
      await server.printed(/Listening on/, 'stderr');
      await shell(`printf 'hello\\n' | ${process.execPath} ${built('tcp_client')} --port ${port}`);
      await supervisor.printed(/^READY=1\nSTATUS=Accepting connections(WATCHDOG=1){3}/);
      expect(await server.stop()).toBe(0);
      await supervisor.printed(/(WATCHDOG=1)STOPPING=1\nSTATUS=Draining/);
    });

    it.skipIf(skipped !== '')(`has closed its notifier when it ends${skipped}`, async () => {
      const socket = socketName('a path');
      const supervisor = await receiver(socket);
      const port = await freePort();
      const collector = `process.once('beforeExit', () => {
        gc();
        setTimeout(() => console.log('collected'), 100);
      })`;
      const node = ['--expose-gc', '--import', `data:text/javascript,${collector}`, ...args];
      const env = ['-E', `NOTIFY_SOCKET=${socket}`];
      const command = ['-l', `127.0.0.1:${port}`, ...env, process.execPath, ...node];
      const server = new Program('systemd-socket-activate', command);
      await server.printed(/Listening on/, 'stderr');
      const client = await connected(port);
      const heard = received(client);
      await server.printed(/Accepted connection/);
      server.child.kill('SIGTERM');
      await supervisor.printed(/STOPPING=1/);
      client.end('still here\n');
      expect(String(await heard)).toBe('Hello world!\nstill here\n');
      expect(await server.ended).toBe(0);
      expect(server.stdout).toContain('collected');
      expect(server.stderr).not.toContain('EVLOOP_LOST_SOURCE');
    });

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
  },
);
