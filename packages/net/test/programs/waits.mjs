// Nothing but a pending poll keeps the process: all timers are unreferenced, and so is what runs in
// the worker.
import { Worker } from 'node:worker_threads';
import { Events, Interest, Poll, TcpListener, Token } from '@evloop/net';

const poll = new Poll();
const events = new Events(8);
const listener = await TcpListener.bind('127.0.0.1:0');
poll.registry.register(listener, Token(0), Interest.READABLE);
const code = `
  const { workerData } = require('node:worker_threads');
  setTimeout(() => require('node:net').connect(workerData, '127.0.0.1').on('error', () => {}).unref(), 300);
`;
new Worker(code, { eval: true, workerData: listener.localAddr().port }).unref();
await poll.poll(events);
console.log('woken');
