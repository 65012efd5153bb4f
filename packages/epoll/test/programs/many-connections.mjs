// Run with --expose-gc. Opens and closes connections, half of them by a reset: many-connections.mjs
// count
import { readdirSync } from 'node:fs';
import { Events, Interest, Poll, TcpListener, TcpStream, Token, WouldBlock } from '@evloop/epoll';

const COUNT = Number(process.argv[2] ?? 100_000);
const AT_ONCE = 100;
const poll = new Poll();
const events = new Events(256);
// Several addresses, or the ports would run out while closed connections linger.
const listeners = Array.from({ length: 16 }, (_, i) => {
  const listener = TcpListener.bind(`127.0.0.${i + 1}:0`, { backlog: 1024 });
  poll.registry.register(listener, Token(i), Interest.READABLE);
  return listener;
});
const addresses = listeners.map((listener) => listener.localAddr());

const buffer = new Uint8Array(64);
const tally = { accepted: 0, ended: 0, reset: 0, other: 0 };

run(2000);
const before = measure();
const started = performance.now();
run(COUNT);
const after = measure();
console.log(
  JSON.stringify({
    ...tally,
    descriptors: after.descriptors - before.descriptors,
    heap: after.heap - before.heap,
    registered: poll.registry.size,
    seconds: (performance.now() - started) / 1000,
  }),
);

function measure() {
  for (let i = 0; i < 4; i++) globalThis.gc();
  const heap = process.memoryUsage().heapUsed;
  return { heap, descriptors: readdirSync('/proc/self/fd').length };
}

function run(count) {
  for (const key of Object.keys(tally)) tally[key] = 0;
  for (let made = 0; made < count; made += AT_ONCE) round(Math.min(AT_ONCE, count - made), made);
}

/**
 * Some connections at once: connect, say something, close or reset; the other side reads to the
 * end.
 */
function round(count, from) {
  const servers = new Map();
  const clients = [];
  for (let i = 0; i < count; i++) {
    const client = TcpStream.connect(addresses[(from + i) % addresses.length]);
    clients.push(client);
  }
  let accepted = 0;
  let open = 0;
  while (accepted < count || open > 0) {
    poll.pollSync(events);
    for (const event of events) {
      const listener = listeners[event.token];
      if (listener === undefined) {
        if (drained(servers.get(event.token))) {
          servers.get(event.token).close();
          servers.delete(event.token);
          open--;
        }
        continue;
      }
      for (let s = listener.accept(); s !== WouldBlock; s = listener.accept()) {
        accepted++;
        open++;
        tally.accepted++;
        const token = listeners.length + accepted;
        servers.set(token, s);
        poll.registry.register(s, Token(token), Interest.READABLE);
      }
    }
    if (accepted === count) {
      for (const [i, client] of clients.entries()) {
        if (i % 2 === 0) client.setSocketOption('linger', 0);
        else client.write(buffer);
        client.close();
      }
      clients.length = 0;
    }
  }
}

function drained(stream) {
  try {
    for (;;) {
      const size = stream.read(buffer);
      if (size === WouldBlock) return false;
      if (size > 0) continue;
      tally.ended++;
      return true;
    }
  } catch (error) {
    if (error.code === 'ECONNRESET') tally.reset++;
    else tally.other++;
    return true;
  }
}
