import assert from 'node:assert/strict';
import { type Interest, Mode, Ready, type TcpStream, WouldBlock } from '@evloop/core';
import { bytes } from '../bytes.ts';
import type { Context } from '../context.ts';
import { expectCode } from '../expect-error.ts';
import { expectEvent, expectNoEvents, expectNothingNow } from '../expect-events.ts';
import { R, RW, T, W } from '../shorthand.ts';
import type { Suite } from '../suite.ts';
import { UserSource } from '../user-source.ts';

const { LEVEL, ONESHOT, EXCLUSIVE } = Mode;
const buffer: Uint8Array = new Uint8Array(64);

/** The modes of a registration other than edge-triggered. */
export function modes(suite: Suite): void {
  level(suite);
  oneshot(suite);
  exclusive(suite);

  suite.test('modes that exclude each other throw, and change nothing', (context) => {
    const source = context.own(new UserSource());
    for (const wrong of [LEVEL, ONESHOT, R | LEVEL | ONESHOT, R | ONESHOT | EXCLUSIVE, R | 2048]) {
      assert.throws(() => context.register(source, T[0], wrong), RangeError, `mode ${wrong}`);
    }
    assert.equal(context.registry.size, 0);
  });
}

function level(suite: Suite): void {
  const { levelMode } = suite.server.supports;
  const testIf = suite.testIf.bind(suite, levelMode, 'levelMode');

  testIf('level: every poll reports the conditions that hold, and no others', async (context) => {
    const { client, server } = await context.pair();
    context.register(server, T[0], R | LEVEL);
    await expectNoEvents(context);
    client.write(bytes('abc'));
    for (let i = 0; i < 3; i++) await expectEvent(context, T[0], 'readable');
    assert.equal(server.read(buffer, 0, 2), 2);
    await expectEvent(context, T[0], 'readable');
    assert.equal(server.read(buffer), 1);
    assert.equal(server.read(buffer), WouldBlock);
    await expectNoEvents(context);
    client.write(bytes('d'));
    for (let i = 0; i < 2; i++) await expectEvent(context, T[0], 'readable');
  });

  testIf('level: every poll reports an end, until the source is deregistered', async (context) => {
    const { client, server } = await context.pair();
    context.register(server, T[0], R | LEVEL);
    client.close();
    for (let i = 0; i < 3; i++) await expectEvent(context, T[0], 'readable', 'readClosed');
    server.close();
    await expectNoEvents(context);
  });

  testIf('level: reregister replaces the mode too', async (context) => {
    const { client, server } = await context.pair();
    context.register(server, T[0], R | LEVEL);
    client.write(bytes('abc'));
    for (let i = 0; i < 2; i++) await expectEvent(context, T[0], 'readable');
    context.registry.reregister(server, T[1], R);
    await expectEvent(context, T[1], 'readable');
    await expectNoEvents(context);
    context.registry.reregister(server, T[2], R | LEVEL);
    for (let i = 0; i < 2; i++) await expectEvent(context, T[2], 'readable');
  });

  testIf('level: a user-space source is reported while its condition holds', async (context) => {
    const source = context.own(new UserSource());
    context.register(source, T[0], RW | LEVEL);
    source.readiness.set(Ready.READABLE);
    for (let i = 0; i < 3; i++) await expectEvent(context, T[0], 'readable');
    source.readiness.clear(Ready.READABLE);
    await expectNoEvents(context);
  });

  suite.testUnsupported(levelMode, 'levelMode', async (context) => {
    await refused(context, R | LEVEL);
  });
}

function oneshot(suite: Suite): void {
  const { oneshotMode } = suite.server.supports;
  const testIf = suite.testIf.bind(suite, oneshotMode, 'oneshotMode');

  testIf('one-shot: after one event of any kind, nothing is reported', async (context) => {
    const { client, server } = await context.pair();
    context.register(server, T[0], RW | ONESHOT);
    const seen = await expectEvent(context, T[0], 'writable');
    assert.equal(seen.length, 1);
    client.write(bytes('abc'));
    client.shutdown('write');
    await arrival(context, server);
    await expectNoEvents(context);
    assert.equal(server.read(buffer), 3);
    assert.equal(server.read(buffer), 0);
    await expectNoEvents(context);
  });

  testIf('one-shot: draining to WouldBlock does not re-arm', async (context) => {
    const { client, server } = await context.pair();
    context.register(server, T[0], R | ONESHOT);
    client.write(bytes('abc'));
    await expectEvent(context, T[0], 'readable');
    assert.equal(server.read(buffer), 3);
    assert.equal(server.read(buffer), WouldBlock);
    client.write(bytes('def'));
    await arrival(context, server);
    await expectNoEvents(context);
    context.registry.reregister(server, T[1], R | ONESHOT);
    await expectEvent(context, T[1], 'readable');
  });

  testIf('one-shot: draining a listener does not re-arm', async (context) => {
    const listener = await context.listen();
    context.register(listener, T[0], R | ONESHOT);
    context.connect(listener);
    await expectEvent(context, T[0], 'readable');
    context.accept(listener);
    assert.equal(listener.accept(), WouldBlock);
    const client = context.connect(listener);
    const connected = (): boolean => client.finishConnect() === true;
    await context.until('the client is connected', connected, context.newPoll());
    await expectNoEvents(context);
    context.registry.reregister(listener, T[1], R | ONESHOT);
    await expectEvent(context, T[1], 'readable');
  });

  testIf('one-shot: reregister reports current readiness once more', async (context) => {
    const { client, server } = await context.pair();
    context.register(server, T[0], R | ONESHOT);
    for (const token of [T[1], T[2]]) {
      client.write(bytes('abc'));
      await arrival(context, server);
      context.registry.reregister(server, token, R | ONESHOT);
      const seen = await expectEvent(context, token, 'readable');
      assert.equal(seen.filter((event) => event.token === token).length, 1);
      await expectNoEvents(context);
    }
    context.registry.reregister(server, T[3], W);
    await expectEvent(context, T[3], 'writable');
  });

  testIf('one-shot: a user-space source is reported once', async (context) => {
    const source = context.own(new UserSource());
    context.register(source, T[0], R | ONESHOT);
    source.readiness.set(Ready.READABLE);
    await expectEvent(context, T[0], 'readable');
    source.readiness.clear(Ready.READABLE);
    source.readiness.set(Ready.READABLE | Ready.READ_CLOSED);
    await expectNoEvents(context);
    context.registry.reregister(source, T[1], R | ONESHOT);
    await expectEvent(context, T[1], 'readable', 'readClosed');
    await expectNoEvents(context);
  });

  suite.testUnsupported(oneshotMode, 'oneshotMode', async (context) => {
    await refused(context, R | ONESHOT);
  });
}

function exclusive(suite: Suite): void {
  const { exclusiveMode } = suite.server.supports;

  suite.testIf(
    exclusiveMode,
    'exclusiveMode',
    'exclusive: a listener is reported, and can be reregistered with and without it',
    async (context) => {
      const listener = await context.listen();
      context.register(listener, T[0], R | EXCLUSIVE);
      await expectNoEvents(context);
      context.connect(listener);
      await expectEvent(context, T[0], 'readable');
      context.registry.reregister(listener, T[1], R);
      await expectEvent(context, T[1], 'readable');
      context.registry.reregister(listener, T[2], R | EXCLUSIVE);
      await expectEvent(context, T[2], 'readable');
      context.accept(listener);
      assert.equal(listener.accept(), WouldBlock);
      context.registry.deregister(listener);
      context.connect(listener);
      await expectNoEvents(context);
    },
  );

  suite.testUnsupported(exclusiveMode, 'exclusiveMode', async (context) => {
    await refused(context, R | EXCLUSIVE);
  });

  suite.test('exclusive: a source without a descriptor cannot be shared', async (context) => {
    const source = context.own(new UserSource());
    expectCode(() => context.register(source, T[0], R | EXCLUSIVE), 'EVLOOP_UNSUPPORTED');
    assert.equal(context.registry.size, 0);
    context.register(source, T[0], R);
    source.readiness.set(Ready.READABLE);
    const change = (): void => context.registry.reregister(source, T[1], R | EXCLUSIVE);
    expectCode(change, 'EVLOOP_UNSUPPORTED');
    await expectEvent(context, T[0], 'readable');
  });
}

/** Waits until there is something to read, without polling the test's poll. */
async function arrival(context: Context, stream: TcpStream): Promise<void> {
  const arrived = (): boolean => stream.peek(buffer) !== WouldBlock;
  await context.until('it arrives', arrived, context.newPoll());
}

/** Checks that a listener and its registration are unchanged after `interest` was rejected. */
async function refused(context: Context, interest: Interest): Promise<void> {
  const listener = await context.listen();
  expectCode(() => context.register(listener, T[0], interest), 'EVLOOP_UNSUPPORTED');
  assert.equal(context.registry.size, 0);
  context.register(listener, T[0], R);
  const change = (): void => context.registry.reregister(listener, T[1], interest);
  expectCode(change, 'EVLOOP_UNSUPPORTED');
  context.connect(listener);
  await expectEvent(context, T[0], 'readable');
  await expectNothingNow(context);
}
