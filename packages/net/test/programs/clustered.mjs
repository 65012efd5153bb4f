// Starts two workers of a cluster, one after the other, that bind the same TCP port and the same
// Unix path and take over descriptors that they have inherited, and prints what came of it.
import cluster from 'node:cluster';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import net from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Events, Interest, Poll, TcpListener, Token, UnixListener, WouldBlock } from '@evloop/net';

/** Where the inherited listeners are, behind the channel to the primary. */
const INHERITED = { tcp: 4, unix: 5 };

async function outcome(bind) {
  try {
    return (await bind()).localAddr();
  } catch (error) {
    return error.code ?? error.message;
  }
}

/** Greets the next client of a listener. */
async function greet(listener, text) {
  const poll = new Poll();
  const events = new Events(4);
  poll.registry.register(listener, Token(0), Interest.READABLE);
  let stream = listener.accept();
  while (stream === WouldBlock) {
    await poll.poll(events);
    stream = listener.accept();
  }
  stream.write(Buffer.from(text));
  stream.close();
  listener.close();
  poll.close();
}

async function work() {
  const [, , port, path] = process.argv;
  const bound = [];
  const bind = (binding) =>
    outcome(async () => {
      const listener = await binding;
      bound.push(listener);
      return listener;
    });
  const tcp = await bind(TcpListener.bind(`127.0.0.1:${port}`));
  const unix = await bind(UnixListener.bind(path));
  const adopted = [
    await TcpListener.fromFd(INHERITED.tcp),
    await UnixListener.fromFd(INHERITED.unix),
  ];
  const locals = adopted.map((listener) => listener.localAddr());
  process.send({ tcp, unix, locals });
  await Promise.all(adopted.map((listener) => greet(listener, `worker ${cluster.worker.id}`)));
  // The first goes on until it is told to end, so that what it has bound stays.
  await once(process, 'message');
  for (const listener of bound) listener.close();
  process.disconnect();
}

/** The answer of a worker. The primary listens on the same sockets, and hangs up. */
async function ask(where) {
  for (;;) {
    const chunks = [];
    try {
      for await (const chunk of net.connect(where)) chunks.push(chunk);
    } catch {
      continue;
    }
    if (chunks.length > 0) return Buffer.concat(chunks).toString();
  }
}

async function lead() {
  const folder = mkdtempSync(join(tmpdir(), 'evloop-'));
  const servers = [0, 1].map(() => net.createServer((socket) => socket.destroy()));
  servers[0].listen(0, '127.0.0.1');
  servers[1].listen(join(folder, 'inherited'));
  await Promise.all(servers.map((server) => once(server, 'listening')));
  const fds = servers.map((server) => server._handle.fd);
  const serving = servers.map((server) => server.address());
  cluster.setupPrimary({ stdio: ['ignore', 'inherit', 'inherit', 'ipc', ...fds] });
  const results = [];
  const workers = [];
  let port = 0;
  for (let i = 0; i < 2; i++) {
    cluster.setupPrimary({ args: [String(port), join(folder, 'bound')] });
    const worker = cluster.fork();
    workers.push(worker);
    const [result] = await once(worker, 'message');
    port = result.tcp?.port ?? port;
    const { port: inherited } = serving[0];
    result.greetings = [await ask(inherited), await ask(serving[1])];
    result.same = [result.locals[0].port === inherited, result.locals[1] === serving[1]];
    results.push(result);
  }
  for (const worker of workers) worker.send('end');
  await Promise.all(workers.map((worker) => once(worker, 'exit')));
  for (const server of servers) server.close();
  rmSync(folder, { recursive: true });
  console.log(JSON.stringify(results));
}

await (cluster.isPrimary ? lead() : work());
