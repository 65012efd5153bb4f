import { type Backend, Events, Interest, Readiness, Ready, type Source, Token } from '@evloop/core';
import type { MicroCase } from './micro-case.ts';

/** A source with no socket: what costs here is core alone. */
class Plain implements Source {
  readonly readiness: Readiness = new Readiness(this);
  register(...args: Parameters<Source['register']>): void {
    this.readiness.register(...args);
  }
  reregister(...args: Parameters<Source['reregister']>): void {
    this.readiness.reregister(...args);
  }
  deregister(...args: Parameters<Source['deregister']>): void {
    this.readiness.deregister(...args);
  }
}

/** Token, interest, iteration, registration of a source in user space. */
export async function* nounCases(backend: Backend): AsyncGenerator<MicroCase> {
  let sum = 0;
  yield {
    id: 'token',
    title: 'Token(i)',
    operations: 10_000,
    run() {
      for (let i = 0; i < 10_000; i++) sum += Token(i);
      return sum;
    },
  };
  yield {
    id: 'interest',
    title: 'READABLE | WRITABLE, tested',
    operations: 10_000,
    run() {
      for (let i = 0; i < 10_000; i++) {
        const interest = Interest.READABLE | (i & Interest.WRITABLE);
        if ((interest & Interest.WRITABLE) !== 0) sum++;
      }
      return sum;
    },
  };
  yield* iteration(backend);
  yield* registration(backend);
}

async function* iteration(backend: Backend): AsyncGenerator<MicroCase> {
  const poll = new backend.Poll();
  const events = new Events(64);
  for (let i = 0; i < 64; i++) {
    const source = new Plain();
    poll.registry.register(source, Token(i), Interest.READABLE);
    source.readiness.set(Ready.READABLE);
  }
  await poll.poll(events, 0);
  let sum = 0;
  yield {
    id: 'events',
    title: 'for (const event of events), per event',
    operations: 64 * 100,
    run() {
      for (let i = 0; i < 100; i++) {
        for (const event of events) if (event.readable) sum += event.token;
      }
      return sum;
    },
    end: () => poll.close(),
  };
}

async function* registration(backend: Backend): AsyncGenerator<MicroCase> {
  const poll = new backend.Poll();
  const { registry } = poll;
  const sources = Array.from({ length: 1000 }, () => new Plain());
  const token = Token(7);
  yield {
    id: 'register-plain',
    title: 'register + deregister, a source in user space',
    operations: 1000,
    run() {
      for (const source of sources) registry.register(source, token, Interest.READABLE);
      for (const source of sources) registry.deregister(source);
    },
    end: () => poll.close(),
  };
}
