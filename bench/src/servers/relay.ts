// node relay.js ECHO PROXY...: starts the echo server ECHO and a proxy in front of it, and prints
// `listening PORT PID` of the proxy. PROXY is `tcp_proxy BACKEND WAIT`, `node` or
// `haproxy [splice]`.
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, writeFileSync } from 'node:fs';
import { connect, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const [echo = '', kind = '', backend = '', wait = ''] = process.argv.slice(2);
const path = (relative: string): string => fileURLToPath(new URL(relative, import.meta.url));

/** Starts a program that ends when this process is killed. */
function start(file: string, args: readonly string[]): ChildProcess {
  return spawn('setpriv', ['--pdeathsig', 'KILL', file, ...args], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
}

/** Resolves to the port that a program prints at the end of a line. */
async function portOf(child: ChildProcess): Promise<number> {
  let text = '';
  for (;;) {
    const [chunk] = (await once(child.stdout as NodeJS.ReadableStream, 'data')) as [Buffer];
    text += chunk;
    const port = /listen\S* (?:.*:)?(\d+)\n/.exec(text)?.[1];
    if (port === undefined) continue;
    child.stdout?.resume();
    return Number(port);
  }
}

const upstream = await portOf(start(echo, ['tcp-echo']));

/** haproxy does not say which port the system chose, so one is chosen before. */
async function startHaproxy(): Promise<[ChildProcess, number]> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as { port: number };
  server.close();
  const file = join(mkdtempSync(join(tmpdir(), 'evloop-')), 'haproxy.cfg');
  const lines = [
    'global\n  nbthread 1',
    'defaults\n  mode tcp\n  timeout client 1h\n  timeout server 1h\n  timeout connect 10s',
    `listen relay\n  bind 127.0.0.1:${port}\n  server echo 127.0.0.1:${upstream}`,
    backend === 'splice' ? '  option splice-request\n  option splice-response\n' : '',
  ];
  writeFileSync(file, lines.join('\n'));
  const child = start('haproxy', ['-db', '-f', file]);
  for (let connected = false; !connected; ) {
    const socket = connect(port, '127.0.0.1');
    connected = await once(socket, 'connect').then(
      () => true,
      () => false,
    );
    socket.destroy();
  }
  return [child, port];
}

async function startNode(file: string, ...args: string[]): Promise<[ChildProcess, number]> {
  const child = start(process.execPath, [path(file), ...args]);
  return [child, await portOf(child)];
}

const proxy = '../../../../examples/dist/tcp_proxy.js';
const options = ['--port', '0', '--quiet', '--backend', backend, '--wait', wait];
const [child, port] =
  kind === 'haproxy'
    ? await startHaproxy()
    : kind === 'node'
      ? await startNode('pipe.js', String(upstream))
      : await startNode(proxy, ...options, '--upstream', `127.0.0.1:${upstream}`);
process.stdout.write(`listening ${port} ${child.pid}\n`);
