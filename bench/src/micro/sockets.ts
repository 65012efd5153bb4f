import {
  type Backend,
  Events,
  Interest,
  type TcpListener,
  type TcpStream,
  Token,
  WouldBlock,
} from '@evloop/core';
import { type MicroCase, timed } from './micro-case.ts';

/** How many streams are read in turn, each after a byte has come and was read. */
const DRAINED = 64;

/** Single operations on sockets. */
export async function* socketCases(backend: Backend): AsyncGenerator<MicroCase> {
  const poll = new backend.Poll();
  const events = new Events(64);
  const listener = await backend.TcpListener.bind('127.0.0.1:0');
  poll.registry.register(listener, Token(0), Interest.READABLE);

  /** Waits until `count` connections were made and wait to be accepted. */
  const connect = async (count: number): Promise<TcpStream[]> => {
    const clients: TcpStream[] = [];
    for (let i = 0; i < count; i++) {
      const client = backend.TcpStream.connect(listener.localAddr());
      poll.registry.register(client, Token(1), Interest.WRITABLE);
      clients.push(client);
    }
    for (const client of clients) {
      while (client.finishConnect() === WouldBlock) await poll.poll(events, 1000);
      poll.registry.deregister(client);
    }
    await poll.poll(events, 0);
    return clients;
  };

  const [client] = await connect(1);
  const stream = await accept(listener, () => poll.poll(events, 100));
  const buffer = new Uint8Array(64);
  yield {
    id: 'read-would-block',
    title: 'read, nothing there, not registered',
    operations: 1000,
    run() {
      for (let i = 0; i < 1000; i++) stream.read(buffer);
    },
  };
  const clients = await connect(DRAINED);
  const streams: TcpStream[] = [];
  while (streams.length < DRAINED) {
    await poll.poll(events, 10);
    take(listener, streams);
  }
  for (const [i, each] of streams.entries()) {
    poll.registry.register(each, Token(2 + i), Interest.READABLE);
  }
  yield {
    id: 'read-drained',
    title: 'read after a short read: nothing there',
    operations: DRAINED,
    runs: 200,
    async run() {
      for (const each of clients) each.write(buffer, 0, 1);
      for (let short = 0; short < DRAINED; ) {
        await poll.poll(events);
        for (const { token } of events) if (streams[token - 2]?.read(buffer) === 1) short++;
      }
      return timed(() => {
        for (const each of streams) each.read(buffer);
      });
    },
    end() {
      for (const each of [...clients, ...streams]) each.close();
    },
  };
  yield {
    id: 'accept',
    title: 'accept a connection that waits',
    operations: 32,
    async run() {
      const clients = await connect(32);
      const accepted: TcpStream[] = [];
      let overriddenDuration = 0;
      for (let tries = 0; accepted.length < 32 && tries < 100; tries++) {
        if (tries > 0) await poll.poll(events, 10); // on net some may still be under way
        overriddenDuration += timed(() => take(listener, accepted)).overriddenDuration;
      }
      for (const one of [...clients, ...accepted]) one.close();
      return { overriddenDuration };
    },
    end() {
      poll.close();
      for (const source of [client, stream, listener]) source?.close();
    },
  };
}

async function accept(listener: TcpListener, wait: () => Promise<unknown>): Promise<TcpStream> {
  for (let i = 0; i < 100; i++) {
    const stream = listener.accept();
    if (stream !== WouldBlock) return stream;
    await wait();
  }
  throw new Error('no connection arrived');
}

function take(listener: TcpListener, into: TcpStream[]): void {
  for (;;) {
    const stream = listener.accept();
    if (stream === WouldBlock) return;
    into.push(stream);
  }
}
