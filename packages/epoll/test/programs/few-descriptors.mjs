// With 64 descriptors, greets 300 clients, which come at once and stay a while; says how many got
// their greeting.
import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { text } from 'node:stream/consumers';
import { Events, Interest, isTransient, Poll, TcpListener, Token, WouldBlock } from '@evloop/epoll';

const CLIENTS = 300;
// Not before now: Node opens the modules all at once.
execFileSync('prlimit', [`--pid=${process.pid}`, '--nofile=64:64']);
const poll = new Poll();
const events = new Events(64);
const listener = TcpListener.bind('127.0.0.1:0');
poll.registry.register(listener, Token(0), Interest.READABLE);

// The limit is the clients' as well, so that they are several programs.
const PROGRAMS = 10;
const script = `
  const net = require('node:net');
  let served = 0, failed = 0;
  const done = () => {
    if (served + failed === ${CLIENTS / PROGRAMS}) console.log(JSON.stringify({ served, failed }));
  };
  for (let i = 0; i < ${CLIENTS / PROGRAMS}; i++) {
    const socket = net.connect(${listener.localAddr().port}, '127.0.0.1');
    socket.on('data', () => setTimeout(() => { served++; socket.end(); done(); }, 200));
    socket.on('error', () => { failed++; done(); });
  }`;
const shell = `for i in {1..${PROGRAMS}}; do "$0" -e "$1" & done; wait`;
const clients = spawn('bash', ['-c', shell, process.execPath, script], {
  stdio: ['ignore', 'pipe', 'inherit'],
});
const ended = Promise.all([text(clients.stdout), once(clients, 'exit')]);
let over = false;
ended.then(() => (over = true));

const streams = new Map();
const hello = new TextEncoder().encode('hello');
const buffer = new Uint8Array(16);
let last = 0;
while (!over) {
  await poll.poll(events, 100);
  for (const event of events) {
    if (event.token === 0) acceptAll();
    else leave(event.token);
  }
}
const [outcome] = await ended;
const sum = { served: 0, failed: 0, counters: listener.counters() };
for (const line of outcome.trim().split('\n')) {
  const { served, failed } = JSON.parse(line);
  sum.served += served;
  sum.failed += failed;
}
console.log(JSON.stringify(sum));
process.exit();

function acceptAll() {
  try {
    for (let s = listener.accept(); s !== WouldBlock; s = listener.accept()) {
      streams.set(++last, s);
      poll.registry.register(s, Token(last), Interest.READABLE);
      s.write(hello);
    }
  } catch (error) {
    if (!isTransient(error)) throw error;
  }
}

function leave(token) {
  const stream = streams.get(token);
  for (let size = stream.read(buffer); size !== WouldBlock; size = stream.read(buffer)) {
    if (size > 0) continue;
    stream.close();
    streams.delete(token);
    return;
  }
}
