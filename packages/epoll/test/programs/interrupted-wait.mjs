// Waits while another process sends signals: interrupted-wait.mjs sync|async
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { Events, Poll } from '@evloop/epoll';

const TIMEOUT_MS = 500;
let signals = 0;
process.on('SIGUSR2', () => signals++);
const script = 'echo; while kill -USR2 $PPID 2>/dev/null; do sleep 0.01; done';
const sender = spawn('/bin/sh', ['-c', script], { stdio: ['ignore', 'pipe', 'ignore'] });
await once(sender.stdout, 'data');

const poll = new Poll();
const events = new Events(4);
const sync = process.argv[2] === 'sync';
let early = false;
let count = 0;
let rounds = 0;
let waits;
do {
  const before = poll.stats().syscalls.made;
  const start = performance.now();
  count += sync ? poll.pollSync(events, TIMEOUT_MS) : await poll.poll(events, TIMEOUT_MS);
  early ||= performance.now() - start < TIMEOUT_MS;
  waits = poll.stats().syscalls.made - before;
  rounds++;
  // Uninterrupted the blocking wait asks the kernel three times: it comes up now and then. A busy
  // machine may be slow to send.
} while (sync && waits <= 4);
// Handlers run in the loop, once it turns.
while (signals === 0) await new Promise(setImmediate);
sender.kill();
console.log(JSON.stringify({ count, early, rounds }));
