import {
  type Backend,
  type BlockingPoll,
  Events,
  Interest,
  isBlocking,
  type Poll,
  type TcpListener,
  type TcpStream,
  Token,
  Waker,
  WouldBlock,
} from '@evloop/core';
import { type MicroCase, type Timed, timed } from './micro-case.ts';

/** Polls: empty, woken, and with some of many registered sockets ready. */
export async function* pollCases(backend: Backend): AsyncGenerator<MicroCase> {
  yield* emptyAndWoken(backend);
  yield* readyOf(backend, 64, [64]);
  yield* readyOf(backend, 10_000, [1, 64, 1024]);
}

async function* emptyAndWoken(backend: Backend): AsyncGenerator<MicroCase> {
  const poll = new backend.Poll();
  const events = new Events(64);
  yield {
    id: 'poll-empty',
    title: 'await poll(events, 0), nothing ready',
    operations: 100,
    async run() {
      for (let i = 0; i < 100; i++) await poll.poll(events, 0);
    },
  };
  const waker = new Waker(poll.registry, Token(1));
  yield {
    id: 'wake',
    title: 'wake + await poll',
    operations: 100,
    async run() {
      for (let i = 0; i < 100; i++) {
        waker.wake();
        await poll.poll(events);
      }
    },
  };
  if (isBlocking(poll)) {
    yield {
      id: 'poll-sync-empty',
      title: 'pollSync(events, 0), nothing ready',
      operations: 1000,
      run() {
        for (let i = 0; i < 1000; i++) poll.pollSync(events, 0);
      },
    };
    yield {
      id: 'wake-sync',
      title: 'wake + pollSync',
      operations: 1000,
      run() {
        for (let i = 0; i < 1000; i++) {
          waker.wake();
          poll.pollSync(events);
        }
      },
    };
  }
  poll.close();
}

/** Listeners are the sockets: one descriptor each, and ready as soon as a client waits. */
async function* readyOf(
  backend: Backend,
  registered: number,
  counts: readonly number[],
): AsyncGenerator<MicroCase> {
  const poll = new backend.Poll();
  const events = new Events(1024);
  const listeners: TcpListener[] = [];
  for (let i = 0; i < registered; i++) {
    // An address of its own for each: looking for a free port among thousands takes the kernel
    // long.
    const listener = await backend.TcpListener.bind(`127.1.${i >> 8}.${i & 255}:0`);
    listeners.push(listener);
    poll.registry.register(listener, Token(i), Interest.READABLE);
  }
  const clients: TcpStream[] = [];
  for (const count of counts) {
    const every = Math.floor(registered / count);
    const ready = listeners.filter((_, i) => i % every === 0).slice(0, count);
    for (const listener of ready) clients.push(backend.TcpStream.connect(listener.localAddr()));
    for (let seen = 0; seen < count; ) seen += await poll.poll(events, 5000);
    yield* someReady(poll, events, ready, registered);
    for (const listener of ready) {
      const stream = listener.accept();
      if (stream !== WouldBlock) clients.push(stream);
      listener.accept(); // now it is drained
    }
  }
  poll.close();
  for (const source of [...clients, ...listeners]) source.close();
}

async function* someReady(
  poll: Poll,
  events: Events,
  ready: readonly TcpListener[],
  registered: number,
): AsyncGenerator<MicroCase> {
  const count = ready.length;
  const rearm = (): void => {
    for (const listener of ready) {
      poll.registry.reregister(listener, Token(1), Interest.READABLE);
    }
  };
  yield {
    id: `poll-${count}-of-${registered}`,
    title: `poll with ${count} ready of ${registered.toLocaleString('en')}, per event`,
    operations: count,
    // An async function, not one that returns a promise: tinybench goes by that.
    run: isBlocking(poll)
      ? () => collectSync(poll, events, count, rearm)
      : async () => collect(poll, events, count, rearm),
  };
  if (count !== registered) return;
  yield { id: 'reregister', title: 'reregister a socket', operations: count, run: rearm };
  yield* registering(poll, ready);
}

function collectSync(poll: BlockingPoll, events: Events, ready: number, rearm: () => void): Timed {
  rearm();
  return timed(() => {
    poll.pollSync(events, 0);
    look(events, ready);
  });
}

async function collect(
  poll: Poll,
  events: Events,
  ready: number,
  rearm: () => void,
): Promise<Timed> {
  rearm();
  const start = performance.now();
  await poll.poll(events);
  look(events, ready);
  return { overriddenDuration: performance.now() - start };
}

function look(events: Events, ready: number): void {
  let count = 0;
  for (const event of events) if (event.readable) count++;
  if (count !== ready) throw new Error(`${count} of ${ready} were reported`);
}

async function* registering(poll: Poll, some: readonly TcpListener[]): AsyncGenerator<MicroCase> {
  const { registry } = poll;
  for (const listener of some) registry.deregister(listener);
  yield {
    id: 'register',
    title: 'register + deregister a socket',
    operations: some.length,
    run() {
      for (const listener of some) registry.register(listener, Token(1), Interest.READABLE);
      for (const listener of some) registry.deregister(listener);
    },
  };
}
