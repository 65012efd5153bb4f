// Answers clients, and then ends in the midst of a batch: node ends-with-written.mjs WAY HOW WAIT
//
// WAY is exact or corked, HOW is exit, throw, reject, kill or terminate, and WAIT is sync or async.
// Each client gets `hello;`, and once all have said something `one;`, then a wait, and then `two;`.
// What standard output says last is how many writes were held.
import { writeSync } from 'node:fs';
import { isMainThread, parentPort, Worker } from 'node:worker_threads';

const [way, how, wait] = process.argv.slice(2);
const CLIENTS = 5;

if (isMainThread && how === 'terminate') {
  const worker = new Worker(new URL(import.meta.url), { argv: process.argv.slice(2) });
  worker.on('message', () => worker.terminate());
} else {
  await serve();
}

async function serve() {
  const epoll = await import('@evloop/epoll');
  const { Events, Interest, Poll, TcpListener, Token, WouldBlock } = epoll;
  const poll = new Poll({ cork: way === 'corked' });
  const events = new Events(16);
  const listener = TcpListener.bind('127.0.0.1:0');
  poll.registry.register(listener, Token(99), Interest.READABLE);
  writeSync(1, `${listener.localAddr().port}\n`);
  const clients = [];
  let asked = 0;
  const write = (text) => {
    for (const client of clients) client.write(Buffer.from(text));
  };
  while (asked < CLIENTS) {
    if (wait === 'sync') poll.pollSync(events);
    else await poll.poll(events);
    for (const event of events) {
      if (event.token === 99) {
        for (let it = listener.accept(); it !== WouldBlock; it = listener.accept()) {
          poll.registry.register(it, Token(clients.push(it) - 1), Interest.READABLE);
          it.write(Buffer.from('hello;'));
        }
      } else if (clients[event.token].read(new Uint8Array(64)) > 0) {
        asked++;
      }
    }
  }
  write('one;');
  poll.pollSync(events, 0);
  write('two;');
  writeSync(1, `${poll.stats().cork?.corked ?? 0}\n`);
  if (how === 'exit') process.exit();
  if (how === 'throw') throw new Error('thrown');
  if (how === 'reject') Promise.reject(new Error('rejected'));
  if (how === 'kill') process.kill(process.pid, 'SIGKILL');
  if (how === 'terminate') {
    parentPort.postMessage('now');
    for (;;);
  }
}
