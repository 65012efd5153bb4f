// Workers load the addon, hold all kinds of descriptors, block in pollSync or live with poll, and
// are terminated at random moments.
import { readdirSync, readlinkSync } from 'node:fs';
import { setTimeout } from 'node:timers/promises';
import { isMainThread, parentPort, Worker, workerData } from 'node:worker_threads';

const ROUNDS = Number(process.argv[2] ?? 200);
const AT_ONCE = 4;

if (isMainThread) await main();
else await serve();

async function main() {
  await life(0);
  const before = descriptors();
  const started = performance.now();
  let slowest = 0;
  let round = 0;
  const lane = async () => {
    while (round < ROUNDS) slowest = Math.max(slowest, await life(round++));
  };
  await Promise.all(Array.from({ length: AT_ONCE }, lane));
  const after = descriptors();
  const seconds = (performance.now() - started) / 1000;
  console.log(JSON.stringify({ rounds: round, before, after, slowest, seconds }));
}

/**
 * How many are open; without files, of which Node leaves some open when a worker is terminated
 * while it reads its modules.
 */
function descriptors() {
  return readdirSync('/proc/self/fd').filter((fd) => {
    try {
      return !/\.m?js$/.test(readlinkSync(`/proc/self/fd/${fd}`));
    } catch {
      return false; // the one that lists them
    }
  }).length;
}

/** One worker's: how long it took to end it. */
async function life(round) {
  const worker = new Worker(new URL(import.meta.url), { workerData: round });
  let handle;
  worker.on('message', (message) => (handle = message));
  worker.on('error', (error) => {
    throw error;
  });
  // Some are terminated while they load, some in the midst of it, some while they block.
  await setTimeout(Math.random() * 250);
  const { RemoteWaker } = await import('@evloop/epoll');
  let waker;
  if (handle !== undefined) {
    waker = new RemoteWaker(handle);
    waker.wake();
  }
  const from = performance.now();
  await worker.terminate();
  const took = performance.now() - from;
  try {
    waker?.wake();
    if (waker !== undefined) throw new Error('a waker outlived its thread');
  } catch (error) {
    if (error.code !== 'EVLOOP_CLOSED') throw error;
  }
  return took;
}

async function serve() {
  const {
    Events,
    Interest,
    Poll,
    pipe,
    TcpListener,
    TcpStream,
    Token,
    UdpSocket,
    UnixStream,
    Waker,
    WouldBlock,
  } = await import('@evloop/epoll');
  const poll = new Poll();
  const outer = new Poll();
  outer.registry.register(poll.asSource(), Token(0), Interest.READABLE);
  const events = new Events(16);
  const listener = TcpListener.bind('127.0.0.1:0');
  poll.registry.register(listener, Token(0), Interest.READABLE);
  const more = [UdpSocket.bind('127.0.0.1:0'), ...UnixStream.pair(), ...pipe()];
  for (const [i, source] of more.entries())
    poll.registry.register(source, Token(i + 1), Interest.READABLE);
  parentPort.postMessage(new Waker(poll.registry, Token(99)).handle());
  const blocking = workerData % 2 === 0;
  const busy = workerData % 3 === 0;
  for (;;) {
    if (busy) TcpStream.connect(listener.localAddr());
    if (blocking) poll.pollSync(events);
    else await poll.poll(events);
    for (const event of events) {
      if (event.token !== 0) continue;
      for (let stream = listener.accept(); stream !== WouldBlock; stream = listener.accept()) {
        if (Math.random() < 0.5) stream.close();
      }
    }
  }
}
