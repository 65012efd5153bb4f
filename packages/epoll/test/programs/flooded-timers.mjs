// A client floods a server; how many polls are answered at the most from one turn of Node's loop to
// the next, and do timers fire?
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
let timers = 0;
let polls = 0;
let most = 0;
const timer = setInterval(() => timers++, 1);
let immediate = setImmediate(function turn() {
  most = Math.max(most, polls);
  polls = 0;
  immediate = setImmediate(turn);
});

let end = Infinity; // known once the flood has begun
while (performance.now() < end) {
  await poll.poll(events, 100);
  polls++;
  for (const event of events) {
    if (event.token === 0) {
      const stream = listener.accept();
      if (stream === WouldBlock) continue;
      end = Math.min(end, performance.now() + 1500);
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
clearImmediate(immediate);
console.log(JSON.stringify({ bytes, timers, most }));
flood.kill();
process.exit(0);
