import assert from 'node:assert/strict';
import { Ready, Waker } from '@evloop/core';
import { bytes } from '../bytes.ts';
import { expectCode } from '../expect-error.ts';
import { expectEvent, expectNoEvents, expectNothingNow } from '../expect-events.ts';
import { R, T } from '../shorthand.ts';
import type { Suite } from '../suite.ts';
import { UserSource } from '../user-source.ts';

/** A poll as a source of another one. */
export function nestedPolls(suite: Suite): void {
  const { nestedPoll } = suite.supports;
  const testIf = suite.testIf.bind(suite, nestedPoll, 'nestedPoll');

  testIf('a ready source makes its poll readable for an outer poll', async (context) => {
    const inner = context.newPoll();
    assert.equal(inner.asSource(), inner.asSource());
    context.register(inner.asSource(), T[3], R);
    const { client, server } = await context.pair();
    inner.registry.register(server, T[0], R);
    await expectNoEvents(context);
    for (const text of ['a', 'b']) {
      client.write(bytes(text));
      await expectEvent(context, T[3], 'readable');
      assert.equal((await context.wait(0, inner))[0]?.token, T[0]);
      const buffer = new Uint8Array(8);
      assert.equal(server.read(buffer), 1);
      server.read(buffer);
      await expectNothingNow(context, inner);
    }
  });

  testIf('user-space sources and wakers make their poll readable too', async (context) => {
    const inner = context.newPoll();
    context.register(inner.asSource(), T[3], R);
    const source = context.own(new UserSource());
    inner.registry.register(source, T[0], R);
    const waker = context.own(new Waker(inner.registry, T[1]));
    for (const [act, token] of [
      [() => source.readiness.set(Ready.READABLE), T[0]],
      [() => waker.wake(), T[1]],
    ] as const) {
      act();
      await expectEvent(context, T[3], 'readable');
      assert.equal((await context.wait(0, inner))[0]?.token, token);
      await expectNothingNow(context, inner);
      await expectNothingNow(context);
    }
  });

  testIf('readiness of the inner poll before registering is reported', async (context) => {
    const inner = context.newPoll();
    const waker = context.own(new Waker(inner.registry, T[1]));
    waker.wake();
    context.register(inner.asSource(), T[3], R);
    await expectEvent(context, T[3], 'readable');
  });

  testIf('nested polls do not block each other', (context) => {
    const inner = context.newPoll();
    context.register(inner.asSource(), T[3], R);
    const circle = (): void => inner.registry.register(context.poll.asSource(), T[3], R);
    expectCode(circle, 'ELOOP');
    assert.equal(inner.registry.size, 0);
  });

  testIf('closing an inner poll deregisters it', (context) => {
    const inner = context.newPoll();
    context.register(inner.asSource(), T[3], R);
    inner.close();
    assert.equal(context.registry.size, 0);
    expectCode(() => inner.asSource(), 'EVLOOP_CLOSED');
  });

  suite.testUnsupported(nestedPoll, 'nestedPoll', (context) => {
    expectCode(() => context.poll.asSource(), 'EVLOOP_UNSUPPORTED');
  });
}
