import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { type AddressInfo, createServer } from 'node:net';
import type { Readable } from 'node:stream';
import { describe, expect, it } from 'vitest';
import { built, connected, root, shell, ways } from './program.ts';

const server = built('tcp_listenfd_server');

describe.each(ways)('tcp_listenfd_server on %s, %s', (backend, wait) => {
  const args = [server, '--backend', backend, '--wait', wait];

  it('takes a listener from any parent that says so', async () => {
    const listener = createServer().listen(0, '127.0.0.1');
    await once(listener, 'listening');
    const { port } = listener.address() as AddressInfo;
    const { fd } = (listener as unknown as { _handle: { fd: number } })._handle;
    // The process sets its own LISTEN_PID: the shell is replaced by it.
    const command = `LISTEN_FDS=1 LISTEN_PID=$$ exec "$0" "$@"`;
    const child = spawn('/bin/sh', ['-c', command, process.execPath, ...args], {
      cwd: root,
      stdio: ['ignore', 'pipe', 'inherit', fd],
    });
    await once(child.stdout as Readable, 'data');
    listener.close();
    const { stdout } = await shell(
      `printf 'hello\\n' | ${process.execPath} ${built('tcp_client')} --port ${port}`,
    );
    expect(stdout).toBe('Hello world!\nhello\n');
    child.kill();
    expect(await once(child, 'exit')).toEqual([0, null]);
  });

  it('on SIGTERM, waits for a client that stays until the deadline, and no longer', async () => {
    const listener = createServer().listen(0, '127.0.0.1');
    await once(listener, 'listening');
    const { port } = listener.address() as AddressInfo;
    const { fd } = (listener as unknown as { _handle: { fd: number } })._handle;
    const command = `LISTEN_FDS=1 LISTEN_PID=$$ exec "$0" "$@"`;
    const child = spawn('/bin/sh', ['-c', command, process.execPath, ...args, '--drain', '1'], {
      cwd: root,
      stdio: ['ignore', 'pipe', 'inherit', fd],
    });
    let stdout = '';
    (child.stdout as Readable).on('data', (text: Buffer) => {
      stdout += text;
    });
    await once(child.stdout as Readable, 'data');
    listener.close();
    const client = await connected(port);
    await once(client, 'data');
    const sent = performance.now();
    child.kill('SIGTERM');
    expect(await once(child, 'close')).toEqual([0, null]);
    expect(performance.now() - sent).toBeGreaterThan(990);
    expect(stdout).toMatch(/Connection closed/);
    client.destroy();
  });

  it.each([
    ['without LISTEN_FDS', '', /LISTEN_PID is not set; start it with: systemd-socket-activate -l/],
    ['meant for another process', 'LISTEN_PID=1 LISTEN_FDS=1', /meant for another process/],
    ['a malformed count', 'LISTEN_PID=$$ LISTEN_FDS=many', /LISTEN_FDS must be a number/],
    ['a closed descriptor', 'LISTEN_PID=$$ LISTEN_FDS=1', /cannot use descriptor 3/],
    ['a descriptor of the wrong kind', 'LISTEN_PID=$$ LISTEN_FDS=1', /cannot use descriptor 3/],
  ])('%s: one plain line, exit code 1', async (what, variables, message) => {
    const redirection = what.endsWith('kind') ? '3</dev/null' : '3<&-';
    const command = `exec ${redirection}; ${variables} exec ${process.execPath} ${args.join(' ')}`;
    const { code, stdout, stderr } = await shell(command);
    expect([code, stdout]).toEqual([1, '']);
    expect(stderr).toMatch(message);
    expect(stderr).toMatch(/^tcp_listenfd_server: [^\n]+\n$/);
  });
});
