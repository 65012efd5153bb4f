import assert from 'node:assert/strict';
import { Events, Ready, Token, Waker } from '@evloop/core';
import { drain, writeAll } from '../bytes.ts';
import { R, T } from '../shorthand.ts';
import type { Suite } from '../suite.ts';
import { UserSource } from '../user-source.ts';

/** `poll.stats()` counts the answers of the poll. */
export function statistics(suite: Suite): void {
  suite.test('a new poll has counted nothing', async ({ poll }) => {
    const { syscalls, cork, ...counts } = poll.stats();
    assert.deepEqual(counts, { polls: 0, events: 0, immediate: 0, turns: 0 });
    assert.equal(syscalls !== undefined, suite.waiting.supports.descriptors);
    if (syscalls !== undefined) assert.ok(syscalls.made >= 0 && syscalls.saved === 0);
    const held = cork === undefined ? 0 : cork.corked + cork.flushed + cork.deferred + cork.refused;
    assert.equal(held, 0);
  });

  suite.test(
    'every answer and every event is counted, of sockets and other sources',
    async (context) => {
      const { client, server } = await context.pair();
      const source = context.own(new UserSource());
      context.register(server, T[0], R);
      context.register(source, T[1], R);
      const waker = context.own(new Waker(context.registry, T[2]));
      let events = 0;
      let answers = 0;
      for (let round = 0; round < 3; round++) {
        writeAll(client, new Uint8Array(10));
        source.readiness.set(Ready.READABLE);
        waker.wake();
        const seen = new Set<number>();
        while (seen.size < 3) {
          const batch = await context.wait(context.timing.patienceMs);
          answers++;
          events += batch.length;
          assert.ok(batch.length > 0, 'what was made ready is reported');
          for (const { token } of batch) seen.add(token);
        }
        drain(server);
        source.readiness.clear(Ready.READABLE);
      }
      const stats = context.poll.stats();
      assert.equal(stats.events, events);
      // Against a backend on the host's loop, the suite polls more often than this test.
      assert.ok(stats.polls >= answers, `${stats.polls} polls, of which ${answers} had events`);
      assert.ok(stats.immediate <= stats.polls);
    },
  );

  suite.test('an answer without events is counted, and a failed poll is not', async (context) => {
    const { poll } = context;
    await context.wait(0);
    await context.wait(1);
    const { polls, events } = poll.stats();
    assert.ok(polls >= 2);
    assert.equal(events, 0);
    await assert.rejects(poll.poll(new Events(1), -1));
    await assert.rejects(poll.poll(undefined as never));
    assert.equal(poll.stats().polls, polls);
  });

  suite.test('stats returns a new copy, also after the poll is closed', async (context) => {
    const { poll } = context;
    const before = poll.stats();
    const source = context.own(new UserSource());
    context.register(source, Token(9), R);
    source.readiness.set(Ready.READABLE);
    assert.equal((await context.wait(context.timing.patienceMs)).length, 1);
    assert.equal(before.events, 0);
    assert.equal(context.newPoll().stats().events, 0);
    poll.close();
    assert.equal(poll.stats().events, 1);
  });
}
