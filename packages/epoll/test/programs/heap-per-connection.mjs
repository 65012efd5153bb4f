// Run with --expose-gc. What an idle connection costs: heap-per-connection.mjs epoll|net count
import { spawn } from 'node:child_process';
import net from 'node:net';
import { fileURLToPath } from 'node:url';
import { Events, Interest, Poll, TcpListener, TcpStream, Token, WouldBlock } from '@evloop/epoll';

const [, , kind, count, port] = process.argv;
const wanted = Number(count);

if (kind === 'client') await connect();
else await serve();

async function connect() {
  const streams = [];
  for (let i = 0; i < wanted; i++) streams.push(TcpStream.connect(`127.0.0.1:${port}`));
  process.stdin.resume().on('end', () => {
    for (const stream of streams) stream.close();
    process.exit();
  });
}

async function serve() {
  const { port, fill } = kind === 'epoll' ? onEpoll() : await onNet();
  // A few first, so that what is compiled and allocated once is not counted.
  const warm = clients(port, 200);
  await fill(200);
  const before = measure();
  const many = clients(port, wanted);
  await fill(200 + wanted);
  const after = measure();
  console.log(
    JSON.stringify({
      heap: (after.heapUsed - before.heapUsed) / wanted,
      resident: (after.rss - before.rss) / wanted,
    }),
  );
  warm.stdin.end();
  many.stdin.end();
  process.exit();
}

function clients(port, count) {
  const args = [fileURLToPath(import.meta.url), 'client', String(count), String(port)];
  return spawn(process.execPath, args, { stdio: ['pipe', 'inherit', 'inherit'] });
}

function measure() {
  for (let i = 0; i < 4; i++) globalThis.gc();
  return process.memoryUsage();
}

function onEpoll() {
  const poll = new Poll();
  const events = new Events(256);
  const listener = TcpListener.bind('127.0.0.1:0', { backlog: 4096 });
  poll.registry.register(listener, Token(0), Interest.READABLE);
  let last = 0;
  const fill = async (total) => {
    while (last < total) {
      await poll.poll(events);
      for (let s = listener.accept(); s !== WouldBlock; s = listener.accept()) {
        poll.registry.register(s, Token(++last), Interest.READABLE);
      }
    }
    events.clear();
  };
  return { port: listener.localAddr().port, fill };
}

async function onNet() {
  const sockets = new Set();
  let report = () => {};
  const server = net.createServer((socket) => {
    sockets.add(socket);
    socket.on('data', () => {});
    socket.on('error', () => {});
    report();
  });
  await new Promise((resolve) => server.listen(0, '127.0.0.1', 4096, resolve));
  const fill = (total) =>
    new Promise((resolve) => {
      report = () => sockets.size >= total && resolve();
      report();
    });
  return { port: server.address().port, fill };
}
