// An echo server to be run under `strace --inject`: echo-under-faults.mjs edge|level [short]. Its
// clients are another program. With `short` its send buffers are as small as the kernel makes them,
// and the clients read late, so that writes are cut short.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { text } from 'node:stream/consumers';
import {
  Events,
  Interest,
  isExhausted,
  isTransient,
  Mode,
  Poll,
  TcpListener,
  Token,
  WouldBlock,
} from '@evloop/epoll';

const mode = process.argv[2] === 'level' ? Mode.LEVEL : Mode.EDGE;
const poll = new Poll();
const events = new Events(64);
const short = process.argv[3] === 'short';
const socket = short ? { sendBufferSize: 1 } : {};
const listener = TcpListener.bind('127.0.0.1:0', { socket });
poll.registry.register(listener, Token(0), Interest.READABLE | mode);

const script = `
  const net = require('node:net');
  const { createHash, randomBytes } = require('node:crypto');
  const tally = { whole: 0, reported: 0, wrong: 0 };
  const CLIENTS = 20;
  for (let i = 0; i < CLIENTS; i++) {
    const socket = net.connect(${listener.localAddr().port}, '127.0.0.1');
    const parts = Array.from({ length: 30 }, (_, k) => randomBytes(1 + 997 * k));
    const sent = Buffer.concat(parts);
    const got = [];
    let failed = false, sending = 0;
    const next = () => {
      if (sending < parts.length) socket.write(parts[sending++], () => setTimeout(next, 1));
      else socket.resume();
    };
    if (${short}) socket.pause();
    socket.on('connect', next);
    socket.on('data', (data) => {
      got.push(data);
      if (got.reduce((sum, { length }) => sum + length, 0) >= sent.length) socket.end();
    });
    socket.on('error', () => (failed = true));
    socket.on('close', () => {
      const all = Buffer.concat(got);
      if (all.equals(sent)) tally.whole++;
      else if (all.equals(sent.subarray(0, all.length))) tally.reported++;
      else tally.wrong++;
      if (tally.whole + tally.reported + tally.wrong === CLIENTS) console.log(JSON.stringify(tally));
    });
  }`;
const clients = spawn(process.execPath, ['-e', script], { stdio: ['ignore', 'pipe', 'inherit'] });
let over = false;
const ended = Promise.all([text(clients.stdout), once(clients, 'exit')]);
ended.then(() => (over = true));

const connections = new Map();
const buffer = new Uint8Array(65536);
let last = 0;
let refused = 0;
let failed = 0;
let cut = 0;
while (!over) {
  await poll.poll(events, 100);
  for (const event of events) {
    if (event.token === 0) acceptAll();
    else if (connections.has(event.token)) serve(event.token, connections.get(event.token));
  }
}
const [outcome] = await ended;
const open = connections.size;
console.log(JSON.stringify({ ...JSON.parse(outcome), refused, failed, cut, open }));
process.exit();

function acceptAll() {
  for (;;) {
    try {
      const stream = listener.accept();
      if (stream === WouldBlock) return;
      connections.set(++last, { stream, pending: [] });
      poll.registry.register(stream, Token(last), Interest.READABLE | Interest.WRITABLE | mode);
    } catch (error) {
      if (!isTransient(error)) throw error;
      refused++;
      if (isExhausted(error)) return;
    }
  }
}

function serve(token, connection) {
  const { stream, pending } = connection;
  try {
    for (;;) {
      if (!flushed(stream, pending)) return;
      const size = stream.read(buffer);
      if (size === WouldBlock) return;
      if (size === 0) return close(token);
      pending.push(buffer.slice(0, size));
    }
  } catch {
    failed++;
    close(token);
  }
}

function flushed(stream, pending) {
  while (pending.length > 0) {
    const size = stream.write(pending[0]);
    if (size === WouldBlock) return false;
    if (size < pending[0].length) {
      cut++;
      pending[0] = pending[0].subarray(size);
    } else pending.shift();
  }
  return true;
}

function close(token) {
  connections.get(token).stream.close();
  connections.delete(token);
}
