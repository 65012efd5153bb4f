// node examples/dist/multi_core_server.js --workers 4            (after `npm run build`; Linux)
//
// The echo server of tcp_server.ts on several cores. Each worker thread has a loop and a listener
// of its own on the same port (`reusePort`), and the kernel spreads the clients over them. A worker
// blocks in `pollSync`, and is woken when it is to end. The main thread prints the clients of each.
//
// SIGHUP replaces the workers one by one. A client that connects in the moment in which a listener
// closes may be reset, unless the sysctl net.ipv4.tcp_migrate_req is 1; supervisor.ts has no such
// gap.
//
//   printf 'hello\n' | node examples/dist/tcp_client.js --port 9000
import { once } from 'node:events';
import { setTimeout } from 'node:timers/promises';
import { isMainThread, parentPort, Worker, workerData } from 'node:worker_threads';
import { formatSocketAddress, type SocketAddress, type WakerHandle } from '@evloop/core';
import * as epoll from '@evloop/epoll';
import { Loop, Server } from '@evloop/service';
import { onSignals } from '@evloop/service/node';
import { Failure, type Program, program, reason } from '@evloop/service/program';

const GREETING = new TextEncoder().encode('Hello world!\n');

/** What workers share: how many clients each has accepted, how long each may drain when woken. */
type Shared = { shares: Int32Array; drainMs: Int32Array; cork: boolean };
type Order = Shared & { address: SocketAddress; index: number };
/** What it answers when it listens, or cannot. */
type Answer = { address: SocketAddress; handle: WakerHandle } | { failure: string };
/** A worker, seen from the main thread. `end` resolves when it has ended. */
type Member = {
  address: SocketAddress;
  ended: Promise<unknown>;
  end(ms: number): Promise<unknown>;
};

async function start(order: Order): Promise<Member> {
  const worker = new Worker(new URL(import.meta.url), { workerData: order });
  let running = true;
  const ended = once(worker, 'exit').finally(() => {
    running = false;
  });
  const [answer] = (await once(worker, 'message')) as [Answer];
  if ('failure' in answer) throw new Failure(answer.failure);
  const waker = new epoll.RemoteWaker(answer.handle);
  const end = (ms: number): Promise<unknown> => {
    order.drainMs[order.index] = ms;
    if (running) waker.wake();
    return ended;
  };
  return { address: answer.address, ended, end };
}

async function work({ address, shares, drainMs, cork, index }: Order): Promise<void> {
  const poll = new epoll.Poll({ cork });
  const loop = new Loop(epoll, { blocking: true, sliceMs: Number.POSITIVE_INFINITY, poll });
  const answer = (message: Answer): void => parentPort?.postMessage(message);
  try {
    const listener = epoll.TcpListener.bind(address, { socket: { reusePort: true } });
    const buffer = new Uint8Array(65536);
    const server = new Server(loop, [listener], (client) => {
      Atomics.add(shares, index, 1);
      client.send(GREETING);
      const echo = (size: number) => client.send(buffer, 0, size);
      return { step: () => client.receive(buffer, echo) };
    });
    const waker = loop.addWaker(() => {
      const deadlineMs = drainMs[index] ?? 0;
      if (deadlineMs === 0) server.stop();
      else void server.drain({ deadlineMs }).then(() => server.stop());
    });
    answer({ address: listener.localAddr(), handle: waker.handle() });
  } catch (error) {
    answer({ failure: `cannot listen on ${formatSocketAddress(address)}: ${reason(error)}` });
    return;
  }
  await loop.run();
}

async function main(it: Program<typeof options>): Promise<void> {
  const shared = { shares: words(it.own.workers), drainMs: words(it.own.workers), cork: it.cork };
  const begin = (index: number, address: SocketAddress) => start({ ...shared, address, index });
  const members = [await begin(0, it.address)];
  // The first may have let the system choose the port, which the others share.
  const { address } = members[0] as Member;
  for (let i = 1; i < it.own.workers; i++) members.push(await begin(i, address));
  it.listensOn(`${formatSocketAddress(address)} with ${it.own.workers} workers`);

  let [over, stopping, said] = [false, false, ''];
  const endAll = async (ms: number): Promise<void> => {
    stopping = true;
    await Promise.all(members.map((member) => member.end(ms)));
    over = true;
  };
  const target = { stop: () => void endAll(0), drain: () => endAll(it.own.drain * 1000) };
  onSignals(target, { SIGTERM: 'drain', SIGINT: 'stop' });
  process.on('SIGHUP', async () => {
    for (let i = 0; i < members.length && !stopping; i++) {
      const [old, fresh] = [members[i] as Member, await begin(i, address)];
      members[i] = fresh;
      await Promise.all([old.end(it.own.drain * 1000), stopping && fresh.end(0)]);
    }
  });
  while (!over) {
    const ended = Promise.all(members.map((member) => member.ended));
    await Promise.race([ended, setTimeout(1000, undefined, { ref: false })]);
    const total = shared.shares.reduce((sum, share) => sum + share, 0);
    const percent = (share: number) => Math.round((share / Math.max(1, total)) * 100);
    const parts = Array.from(shared.shares, (share) => `${share} (${percent(share)} %)`);
    const now = `${total} clients: ${parts.join(', ')}`;
    if (over || (now !== said && !it.quiet)) it.print(now);
    said = now;
  }
}

const words = (count: number) => new Int32Array(new SharedArrayBuffer(count * 4));
const options = {
  workers: { value: 4, most: 1024, about: 'worker threads' },
  drain: { value: 10, about: 'seconds until a drain cuts clients off' },
};
const usage = { about: 'An echo server on several cores.', port: 9000, options };
if (!isMainThread) await work(workerData as Order);
else await program({ ...usage, backends: { epoll } }, main);
