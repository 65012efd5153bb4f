import assert from 'node:assert/strict';
import { Events, type Interest, Ready, type Token, Waker } from '@evloop/core';
import type { Context } from '../context.ts';
import { R, T, W } from '../shorthand.ts';
import type { Suite } from '../suite.ts';
import { UserSource } from '../user-source.ts';

const { READABLE } = Ready;

/** Changes during a pending poll take effect in it. */
export function pendingPolls(suite: Suite): void {
  suite.test('readiness ends a pending poll', async (context) => {
    const source = registered(context, R);
    const polled = context.poll.poll(new Events(4), null);
    await context.turn();
    source.readiness.set(READABLE);
    assert.equal(await context.within('readiness ends the poll', polled), 1);
  });

  suite.test('registering a ready source ends a pending poll', async (context) => {
    const source = context.own(new UserSource());
    source.readiness.set(READABLE);
    const polled = context.poll.poll(new Events(4), null);
    await context.turn();
    context.register(source, T[0], R);
    assert.equal(await context.within('registering ends the poll', polled), 1);
  });

  suite.test('registering a ready socket ends a pending poll', async (context) => {
    const { client } = await context.pair();
    const events = new Events(4);
    const polled = context.poll.poll(events, null);
    await context.turn();
    context.register(client, T[0], W);
    assert.equal(await context.within('registering ends the poll', polled), 1);
    assert.ok(events.at(0)?.token === T[0] && events.at(0)?.writable);
  });

  suite.test('reregistering a ready socket ends a pending poll', async (context) => {
    const { client } = await context.pair();
    context.register(client, T[0], R);
    const events = new Events(4);
    const polled = context.poll.poll(events, null);
    await context.turn();
    context.registry.reregister(client, T[1], W);
    assert.equal(await context.within('reregistering ends the poll', polled), 1);
    assert.equal(events.at(0)?.token, T[1]);
  });

  suite.test(
    'a source that is deregistered during a pending poll is not reported',
    async (context) => {
      const { client } = await context.pair();
      context.register(client, T[0], R);
      const source = registered(context, R);
      const waker = context.own(new Waker(context.registry, T[2]));
      const events = new Events(4);
      const polled = context.poll.poll(events, null);
      await context.turn();
      source.readiness.set(READABLE);
      context.registry.deregister(source);
      context.registry.reregister(client, T[1], W);
      client.close();
      waker.wake();
      assert.equal(await context.within('the wake ends the poll', polled), 1);
      assert.equal(events.at(0)?.token, T[2]);
    },
  );

  suite.test(
    'several sources that become ready during a wait come in one batch',
    async (context) => {
      const sources = [T[0], T[1], T[2]].map((token) => registered(context, R, token));
      const polled = context.poll.poll(new Events(4), null);
      await context.turn();
      for (const source of sources) source.readiness.set(READABLE);
      assert.equal(await context.within('readiness ends the poll', polled), 3);
    },
  );
}

function registered(context: Context, interest: Interest, token: Token = T[0]): UserSource {
  const source = context.own(new UserSource());
  context.register(source, token, interest);
  return source;
}
