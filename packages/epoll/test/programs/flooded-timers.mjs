// A client floods a server; how long does the process run meanwhile without firing its timers?
import { spawn } from 'node:child_process';
import { Events, Interest, Poll, TcpListener, Token, WouldBlock } from '@evloop/epoll';

const poll = new Poll();
const events = new Events(1024);
const listener = TcpListener.bind('127.0.0.1:0');
poll.registry.register(listener, Token(0), Interest.READABLE);
const flood = spawn(process.execPath, [
  '-e',
  `const net = require('node:net');
   for (let i = 0; i < 8; i++) {
     const socket = net.connect(${listener.localAddr().port}, '127.0.0.1', () => {
       const chunk = Buffer.alloc(65536);
       const more = () => { while (socket.write(chunk)); };
       socket.on('drain', more); more();
     });
     socket.resume(); socket.on('error', () => {});
   }`,
]);

const streams = new Map();
const buffer = new Uint8Array(65536);
let bytes = 0;
let last = cpuMs();
const gaps = [];
const timer = setInterval(() => {
  const now = cpuMs();
  gaps.push(now - last);
  last = now;
}, 1);

// The time that this process has run, not the time that it has waited for a processor.
function cpuMs() {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1000;
}

const start = performance.now();
while (performance.now() - start < 1500) {
  await poll.poll(events, 100);
  for (const event of events) {
    if (event.token === 0) {
      const stream = listener.accept();
      if (stream === WouldBlock) continue;
      const token = Token(streams.size + 1);
      streams.set(token, stream);
      poll.registry.register(stream, token, Interest.READABLE);
      poll.registry.reregister(listener, Token(0), Interest.READABLE);
    } else {
      // A bounded part of what has arrived; reregistering asks for the rest.
      for (let i = 0; i < 4; i++) {
        const size = streams.get(event.token).read(buffer);
        if (size === WouldBlock || size === 0) break;
        bytes += size;
      }
      poll.registry.reregister(streams.get(event.token), event.token, Interest.READABLE);
    }
  }
}
clearInterval(timer);
gaps.sort((a, b) => a - b);
console.log(
  JSON.stringify({
    bytes,
    timers: gaps.length,
    median: gaps[gaps.length >> 1],
    worst: gaps.at(-1),
  }),
);
flood.kill();
process.exit(0);
