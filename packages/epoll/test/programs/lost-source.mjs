// Run with --expose-gc. One accepted stream lives by its registration alone, another is lost.
import net from 'node:net';
import { setImmediate } from 'node:timers/promises';
import { Events, Interest, Poll, TcpListener, Token, WouldBlock } from '@evloop/epoll';

const warnings = [];
process.on('warning', (warning) => warnings.push({ code: warning.code, message: warning.message }));

const poll = new Poll();
const events = new Events(8);
const listener = TcpListener.bind('127.0.0.1:0');
poll.registry.register(listener, Token(0), Interest.READABLE);
const { port } = listener.localAddr();

async function accept() {
  for (;;) {
    await poll.poll(events);
    const stream = listener.accept();
    if (stream !== WouldBlock) return stream;
  }
}

async function connect() {
  const socket = net.connect(port, '127.0.0.1');
  await new Promise((resolve) => socket.once('connect', resolve));
  return socket;
}

async function collect(until) {
  for (let i = 0; i < 200 && !until(); i++) {
    globalThis.gc();
    await setImmediate();
  }
}

// The streams are made in functions of their own, so that no frame of this one still refers to
// them.
async function registerOne() {
  const socket = await connect();
  poll.registry.register(await accept(), Token(1), Interest.READABLE);
  return socket;
}
async function loseOne() {
  const socket = await connect();
  await accept();
  return socket;
}

const kept = await registerOne();
const dropped = await loseOne();
let ended = false;
dropped.once('close', () => {
  ended = true;
});
dropped.on('error', () => {});
dropped.resume();
await collect(() => ended && warnings.length > 0);

kept.write('still here');
await poll.poll(events, 5000);
const tokens = [...events].map((event) => event.token);
console.log(JSON.stringify({ ended, warnings, tokens, size: poll.registry.size }));
kept.destroy();
poll.close();
listener.close();
