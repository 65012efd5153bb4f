// node examples/dist/multi_core_server.js --workers 4            (after `npm run build`; Linux)
//
// The echo server of tcp_server.ts on several cores. Each worker thread has a poll and a listener of its own on the same port
// (`reusePort`), and the kernel spreads the clients over them. A worker does nothing but its loop, so it blocks in `pollSync`. The
// main thread prints each one's share whenever it has changed, and wakes the workers through their wakers when it is asked to stop.
//
// Try it as tcp_server, a few times:
//
//   printf 'hello\n' | node examples/dist/tcp_client.js --port 9000
import { once } from 'node:events';
import { setTimeout } from 'node:timers/promises';
import { isMainThread, parentPort, Worker, workerData } from 'node:worker_threads';
import {
  Events,
  formatSocketAddress,
  type SocketAddress,
  Token,
  Waker,
  type WakerHandle,
} from '@evloop/core';
import { readCommandLine } from './src/command-line.ts';
import { EchoConnection } from './src/echo-connection.ts';
import { outliveOutput } from './src/outlive-output.ts';
import { Failure, reason, runProgram } from './src/program.ts';
import { Stop } from './src/stop.ts';
import { StreamService } from './src/stream-service.ts';

/** What a worker is given. */
interface Order {
  readonly address: SocketAddress;
  /** How many clients each worker has accepted. */
  readonly shares: Int32Array;
  readonly index: number;
}

/** What a worker answers when it listens, or cannot. */
type Answer =
  | { readonly address: SocketAddress; readonly handle: WakerHandle }
  | { readonly failure: string };

const CORES = { name: 'workers', value: 4, most: 1024, about: 'worker threads' };
const STOP = Token(Number.MAX_SAFE_INTEGER);

if (isMainThread) await runProgram(main);
else await work(workerData as Order);

async function main(): Promise<void> {
  outliveOutput();
  const stop = new Stop().onSignals();
  const options = readCommandLine('An echo server on several cores.', 9000, [CORES]);
  const { RemoteWaker } = await loadEpoll();
  const count = options.own['workers'] as number;
  const shares = new Int32Array(new SharedArrayBuffer(count * Int32Array.BYTES_PER_ELEMENT));

  let { address } = options;
  const wakers: InstanceType<typeof RemoteWaker>[] = [];
  const ends: Promise<unknown>[] = [];
  for (let index = 0; index < count; index++) {
    const order: Order = { address, shares, index };
    const worker = new Worker(new URL(import.meta.url), { workerData: order });
    const [answer] = (await once(worker, 'message')) as [Answer];
    if ('failure' in answer) throw new Failure(answer.failure);
    // The first may have let the system choose the port, which the others share.
    address = answer.address;
    wakers.push(new RemoteWaker(answer.handle));
    ends.push(once(worker, 'exit'));
  }
  const where = formatSocketAddress(address);
  console.log(`multi_core_server on epoll listens on ${where} with ${count} workers`);

  let stopped = false;
  stop.wake = () => {
    stopped = true;
    for (const waker of wakers) waker.wake();
  };
  if (stop.requested) stop.wake();
  const ended = Promise.all(ends).then(() => {
    stopped = true;
  });
  for (let said = ''; !stopped; said = say(shares, said, options.quiet)) {
    await Promise.race([ended, setTimeout(1000, undefined, { ref: false })]);
  }
  await ended;
  say(shares, '', false);
}

/** Prints the shares if they are not what was said last. */
function say(shares: Int32Array, said: string, quiet: boolean): string {
  const total = shares.reduce((sum, share) => sum + share, 0);
  const parts = Array.from(shares, (share) => `${share} (${percent(share, total)})`);
  const now = `${total} clients: ${parts.join(', ')}`;
  if (now !== said && !quiet) console.log(now);
  return now;
}

function percent(part: number, whole: number): string {
  return `${whole === 0 ? 0 : Math.round((part / whole) * 100)} %`;
}

async function loadEpoll(): Promise<typeof import('@evloop/epoll')> {
  const epoll = await import('@evloop/epoll');
  const { unavailable } = epoll;
  if (unavailable === undefined) return epoll;
  throw new Failure(`this example needs the epoll backend: ${unavailable.reason}`);
}

async function work({ address, shares, index }: Order): Promise<void> {
  const { Poll, TcpListener } = await loadEpoll();
  const answer = (message: Answer): void => parentPort?.postMessage(message);
  const poll = new Poll();
  let listener: InstanceType<typeof TcpListener>;
  try {
    listener = TcpListener.bind(address, { reusePort: true });
  } catch (error) {
    answer({ failure: `cannot listen on ${formatSocketAddress(address)}: ${reason(error)}` });
    return;
  }
  const service = new StreamService(
    poll.registry,
    [listener],
    () => {},
    (client) => {
      Atomics.add(shares, index, 1);
      return new EchoConnection(client);
    },
  );
  answer({ address: listener.localAddr(), handle: new Waker(poll.registry, STOP).handle() });

  const events = new Events(128);
  for (
    let left: ReturnType<StreamService['work']> = 'wait', stopped = false;
    !stopped;
    left = service.work()
  ) {
    poll.pollSync(events, left === 'again' ? 0 : null);
    for (const event of events) {
      if (event.token === STOP) stopped = true;
      else service.onEvent(event);
    }
  }
  service.close();
  poll.close();
}
