import assert from 'node:assert/strict';
import { once } from 'node:events';
import { Worker } from 'node:worker_threads';
import { Events, type RemoteWaker, Waker, type WakerHandle } from '@evloop/core';
import type { Context } from '../context.ts';
import { expectCode } from '../expect-error.ts';
import { expectEvent, expectEvents, expectNoEvents } from '../expect-events.ts';
import { T } from '../shorthand.ts';
import type { Suite } from '../suite.ts';

/** Wakes through handles, as from other threads. */
export function wakerHandles(suite: Suite): void {
  const { wakerHandles } = suite.supports;
  const testIf = suite.testIf.bind(suite, wakerHandles, 'wakerHandles');
  const remote = (context: Context, handle: WakerHandle): RemoteWaker =>
    context.own(new suite.waiting.RemoteWaker(structuredClone(handle)));

  testIf('each wake through a handle is an event of its waker', async (context) => {
    const wakers = [T[1], T[2]].map((token) => context.own(new Waker(context.registry, token)));
    const others = wakers.map((waker) => remote(context, waker.handle()));
    for (let i = 0; i < 5; i++) {
      others[i % 2]?.wake();
      const token = i % 2 === 0 ? T[1] : T[2];
      const seen = await expectEvent(context, token, 'readable');
      assert.ok(seen.every((event) => event.token === token && !event.writable && !event.error));
    }
    for (const other of others) other.wake();
    await expectEvents(context, [
      { token: T[1], readable: true },
      { token: T[2], readable: true },
    ]);
    await expectNoEvents(context);
  });

  testIf('several wakes through handles before a poll are one event', async (context) => {
    const waker = context.own(new Waker(context.registry, T[1]));
    const other = remote(context, waker.handle());
    for (let i = 0; i < 3; i++) other.wake();
    const seen = await expectEvent(context, T[1], 'readable');
    assert.equal(seen.length, 1);
    await expectNoEvents(context);
    other.wake();
    await expectEvent(context, T[1], 'readable');
  });

  testIf('a wake through a handle ends a pending poll', async (context) => {
    const waker = context.own(new Waker(context.registry, T[1]));
    const other = remote(context, waker.handle());
    const polled = context.poll.poll(new Events(4), null);
    await context.turn();
    other.wake();
    assert.equal(await context.within('the wake ends the poll', polled), 1);
  });

  testIf('a handle of a closed waker throws, and wakes no later waker', async (context) => {
    const first = new Waker(context.registry, T[1]);
    const other = remote(context, first.handle());
    first.close();
    expectCode(() => first.handle(), 'EVLOOP_CLOSED');
    const second = context.own(new Waker(context.registry, T[2]));
    const next = remote(context, second.handle());
    expectCode(() => other.wake(), 'EVLOOP_CLOSED');
    await expectNoEvents(context);
    next.wake();
    await expectEvent(context, T[2], 'readable');
  });

  testIf(
    'closing the remote end keeps the waker, and closing the Poll ends both',
    async (context) => {
      const waker = context.own(new Waker(context.registry, T[1]));
      assert.equal(waker.handle(), waker.handle());
      const gone = remote(context, waker.handle());
      const left = remote(context, waker.handle());
      gone.close();
      gone.close();
      expectCode(() => gone.wake(), 'EVLOOP_CLOSED');
      left.wake();
      await expectEvent(context, T[1], 'readable');
      context.poll.close();
      expectCode(() => left.wake(), 'EVLOOP_CLOSED');
      expectCode(() => waker.handle(), 'EVLOOP_CLOSED');
    },
  );

  testIf('an invalid handle is a TypeError', () => {
    const { RemoteWaker } = suite.waiting;
    for (const wrong of [
      undefined,
      {},
      { backend: suite.waiting.name, state: new Uint8Array(8) },
    ]) {
      assert.throws(() => new RemoteWaker(wrong as never), TypeError);
    }
  });

  const { module } = suite;
  if (wakerHandles && module !== undefined) {
    suite.test('another thread wakes a poll that waits', async (context) => {
      const waker = context.own(new Waker(context.registry, T[1]));
      const go = new Int32Array(new SharedArrayBuffer(4));
      const workerData = { module: String(module), handle: waker.handle(), go, rounds: ROUNDS };
      // Without the conditions of the runner, which may resolve to sources that a worker cannot
      // load.
      const worker = new Worker(WORKER, { eval: true, workerData, execArgv: [] });
      try {
        const [message] = await once(worker, 'message');
        assert.equal(message, 'ready');
        for (let round = 1; round <= ROUNDS; round++) {
          Atomics.store(go, 0, round);
          Atomics.notify(go, 0);
          await expectEvent(context, T[1], 'readable');
        }
      } finally {
        await worker.terminate();
      }
    });
  }

  suite.testUnsupported(wakerHandles, 'wakerHandles', (context) => {
    const waker = context.own(new Waker(context.registry, T[1]));
    expectCode(() => waker.handle(), 'EVLOOP_UNSUPPORTED');
  });
}

const ROUNDS = 5;

// Without messages, because the other thread may block.
const WORKER = `
  const { parentPort, workerData } = require('node:worker_threads');
  const { handle, go, rounds } = workerData;
  import(workerData.module).then(({ RemoteWaker }) => {
    const waker = new RemoteWaker(handle);
    parentPort.postMessage('ready');
    for (let round = 0; round < rounds; round++) {
      Atomics.wait(go, 0, round);
      waker.wake();
    }
  });
`;
