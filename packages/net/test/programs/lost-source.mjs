// Run with --expose-gc. One accepted stream lives by its registration alone, another is lost, and
// so is a listener.
import net from 'node:net';
import { setImmediate } from 'node:timers/promises';
import { Events, Interest, Poll, TcpListener, Token, WouldBlock } from '@evloop/net';

const warnings = [];
process.on('warning', (warning) => warnings.push({ code: warning.code, message: warning.message }));

const poll = new Poll();
const events = new Events(8);
const listener = await TcpListener.bind('127.0.0.1:0');
poll.registry.register(listener, Token(0), Interest.READABLE);
const { port } = listener.localAddr();

async function accept() {
  for (;;) {
    const stream = listener.accept();
    if (stream !== WouldBlock) return stream;
    await poll.poll(events);
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

async function loseListener() {
  return (await TcpListener.bind('127.0.0.1:0')).localAddr().port;
}
async function isRefused(port) {
  const socket = net.connect(port, '127.0.0.1');
  return new Promise((resolve) => {
    socket.once('connect', () => resolve(false));
    socket.once('error', () => resolve(true));
  });
}

const lostPort = await loseListener();
const kept = await registerOne();
const dropped = await loseOne();
let ended = false;
dropped.once('close', () => {
  ended = true;
});
dropped.on('error', () => {});
dropped.resume();
await collect(() => ended && warnings.length > 1);

const refused = await isRefused(lostPort);
kept.write('still here');
// The listener may have something to say as well, and earlier.
let tokens = [];
while (tokens.length === 0 && (await poll.poll(events, 5000)) > 0) {
  tokens = [...events].map((event) => event.token).filter((token) => token !== 0);
}
console.log(JSON.stringify({ ended, refused, warnings, tokens, size: poll.registry.size }));
kept.destroy();
poll.close();
listener.close();
