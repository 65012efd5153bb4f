import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Notifier } from '@evloop/listenfd';
import { needs, onlyIf } from '@evloop/testing';
import { afterEach, describe, expect, it } from 'vitest';
import { built, connected, freePort, Program, received, shell, ways } from './program.ts';

const linux = process.platform === 'linux';
const programs = needs('socat', 'systemd-socket-activate', 'systemd-notify');

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

describe('Notifier on epoll', onlyIf(linux, 'epoll is Linux only'), () => {
  it.each(['a path', 'an abstract name'] as const)(
    'sends to %s what systemd-notify sends',
    programs,
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
});

describe.each(linux ? ways : [])(
  'tcp_listenfd_server and its supervisor, on %s, %s',
  (backend, wait) => {
    const args = [built('tcp_listenfd_server'), '--backend', backend, '--wait', wait];

    it('says READY, WATCHDOG and STOPPING', programs, async () => {
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

    it('has closed its notifier when it ends', programs, async () => {
      const socket = socketName('a path');
      const supervisor = await receiver(socket);
      const port = await freePort();
      // The program ends by process.exit, before which lost sources get a turn to be reported.
      const collector = `const { exit } = process;
        process.exit = (code) => {
          gc();
          setTimeout(() => { console.log('collected'); exit.call(process, code); }, 100);
        }`;
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
  },
);
