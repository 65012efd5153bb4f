import { once } from 'node:events';
import { type AddressInfo, createServer, type Socket } from 'node:net';
import { describe, expect, it } from 'vitest';
import { built, connected, freePort, Program, startServer, ways } from './program.ts';

/** Runs an example to its end. Options of node itself come before `--`. */
async function run(
  name: string,
  ...args: string[]
): Promise<{ code: number | string; stdout: string; stderr: string }> {
  const i = args.indexOf('--');
  const argv = [...args.slice(0, Math.max(0, i)), built(name), ...args.slice(i + 1)];
  const program = new Program(process.execPath, argv);
  program.child.stdin.end();
  const code = await program.ended;
  return { code, stdout: program.stdout, stderr: program.stderr };
}

const servers = ['tcp_server', 'broadcast_server'];

describe.each(servers)('%s', (name) => {
  it.each([
    ['--host nonsense', /'nonsense' is not an IP address/],
    ['--port 99999', /invalid port: 99999 \(expected an integer from 0 to 65535\)/],
    ['--port many', /from 0 to 65535, not 'many'/],
    ['--backend nonsense', /no backend 'nonsense'/],
    ['--backend net --wait sync', /--wait sync is not possible on net/],
    ['--backend net --cork', /--cork is not possible on net: it sends each write at once/],
    ['--wait never', /async or sync, not 'never'/],
    ['--nonsense', /Unknown option '--nonsense'/],
    ['nonsense', /Unexpected argument 'nonsense'/],
    ['127.0.0.1:9000', /Unexpected argument '127\.0\.0\.1:9000'/],
    ['--no-addons -- --backend epoll', /'epoll' is not available here: .*addons is disabled/],
  ])('%s: one plain line, exit code 1', async (args, message) => {
    const { code, stdout, stderr } = await run(name, ...args.split(' '));
    expect([code, stdout]).toEqual([1, '']);
    expect(stderr).toMatch(message);
    expect(stderr).toMatch(new RegExp(`^${name}: [^\\n]+\\n$`));
  });

  it.each(ways)('a port in use, on %s, %s: one plain line, exit code 1', async (backend, wait) => {
    const other = createServer().listen(0, '127.0.0.1');
    await once(other, 'listening');
    const { port } = other.address() as AddressInfo;
    const args = ['--port', String(port), '--backend', backend, '--wait', wait];
    const { code, stdout, stderr } = await run(name, ...args);
    other.close();
    expect([code, stdout]).toEqual([1, '']);
    expect(stderr).toBe(
      `${name}: cannot listen on 127.0.0.1:${port}: address already in use (EADDRINUSE)\n`,
    );
  });

  it('falls back to net where epoll does not load', async () => {
    const server = await startServer(name, [], ['--no-addons']);
    expect(server.stdout).toContain(`${name} on net listens on 127.0.0.1:`);
    expect(await server.stop()).toBe(0);
  });

  describe.each(ways)('on %s, %s', (backend, wait) => {
    it.each(['SIGINT', 'SIGTERM'] as const)('%s ends it with exit code 0', async (signal) => {
      const server = await startServer(name, ['--backend', backend, '--wait', wait]);
      const idle = await connected(server.port);
      const stuck = await connected(server.port);
      stuck.pause();
      stuck.write(Buffer.alloc(0x400000, 'a\n'));
      await server.printed(/(Accepted[\s\S]*){2}/);
      const closed = Promise.all([once(idle.resume(), 'close'), once(server.child, 'close')]);
      // As npm does: the same signal twice.
      server.child.kill(signal);
      expect(await server.stop(signal)).toBe(0);
      stuck.destroy();
      idle.destroy();
      await closed;
      expect(server.stderr).toBe('');
    });
  });
});

describe('tcp_client', () => {
  it.each(ways)('to a closed port, on %s, %s: refused, exit code 1', async (backend, wait) => {
    const port = await freePort();
    const args = ['--port', String(port), '--backend', backend, '--wait', wait];
    const { code, stdout, stderr } = await run('tcp_client', ...args);
    expect([code, stdout]).toEqual([1, '']);
    expect(stderr).toBe(
      `tcp_client: cannot connect to 127.0.0.1:${port}: connection refused (ECONNREFUSED)\n`,
    );
  });

  it.each(ways)('ends with the server, on %s, %s', async (backend, wait) => {
    const server = await startServer('tcp_server', []);
    const args = ['--port', String(server.port), '--backend', backend, '--wait', wait];
    const client = new Program(process.execPath, [built('tcp_client'), ...args]);
    await client.printed(/Hello world!\n/);
    client.child.stdin.write('typed\n');
    await client.printed(/typed\n/);
    expect([await server.stop(), await client.ended]).toEqual([0, 0]);
    expect([client.stdout, client.stderr]).toEqual(['Hello world!\ntyped\n', '']);
  });

  it.each(ways)('says why a connection failed later, on %s, %s', async (backend, wait) => {
    const sockets: Socket[] = [];
    const other = createServer((socket) => {
      sockets.push(socket);
      socket.write('so far');
    }).listen(0, '127.0.0.1');
    await once(other, 'listening');
    const { port } = other.address() as AddressInfo;
    const args = ['--port', String(port), '--backend', backend, '--wait', wait];
    const client = new Program(process.execPath, [built('tcp_client'), ...args]);
    // A reset that comes together with data, libuv reports as an end: so not before the data was
    // read.
    await client.printed(/so far/);
    sockets[0]?.resetAndDestroy();
    expect(await client.ended).toBe(1);
    other.close();
    expect(client.stderr).toMatch(/^tcp_client: [^\n]*127\.0\.0\.1:\d+: [^\n]*\(ECONNRESET\)\n$/);
  });
});
