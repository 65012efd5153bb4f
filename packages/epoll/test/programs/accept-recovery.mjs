// Run under `ulimit -n`. Accepts until no descriptor is free, frees some, and waits to be told
// again, without a new client.
import { spawn } from 'node:child_process';
import { closeSync, openSync } from 'node:fs';
import { Events, Interest, isTransient, Poll, TcpListener, Token, WouldBlock } from '@evloop/epoll';

const poll = new Poll();
const events = new Events(8);
const listener = TcpListener.bind('127.0.0.1:0');
poll.registry.register(listener, Token(0), Interest.READABLE);

const clients = spawn(process.execPath, [
  '-e',
  `const net = require('node:net');
   for (let i = 0; i < 20; i++) net.connect(${listener.localAddr().port}, '127.0.0.1').on('error', () => {});`,
]);

const fillers = [];
try {
  for (;;) fillers.push(openSync('/dev/null'));
} catch {
  for (let i = 0; i < 5; i++) closeSync(fillers.pop());
}

const accepted = [];
const errors = [];
const mode = process.argv[2];
const deadline = performance.now() + 20_000;
while (accepted.length < 20 && performance.now() < deadline) {
  if (mode === 'sync') poll.pollSync(events, 1000);
  else await poll.poll(events, 1000);
  for (const _ of events) {
    try {
      for (;;) {
        const stream = listener.accept();
        if (stream === WouldBlock) break;
        accepted.push(stream);
      }
    } catch (error) {
      errors.push({ code: error.code, transient: isTransient(error), message: error.message });
      // What was in the way goes away after the edge is used up.
      if (errors.length === 2) while (fillers.length > 0) closeSync(fillers.pop());
    }
  }
}
console.log(JSON.stringify({ accepted: accepted.length, errors }));
clients.kill();
process.exit(0);
