import assert from 'node:assert/strict';
import { type StreamSocket, WouldBlock } from '@evloop/core';
import { arrival, drain, fill, receiveText, writeAll } from '../bytes.ts';
import type { Context } from '../context.ts';
import { expectEvent, expectNoEvents } from '../expect-events.ts';
import { R, RW, T, W } from '../shorthand.ts';
import type { Connect } from '../streams.ts';
import type { Suite } from '../suite.ts';

/**
 * Edge-triggered: one event, then nothing until `WouldBlock`, and only the direction that blocked.
 */
export function edges(suite: Suite, connect: Connect): void {
  suite.test('after WouldBlock, new data is an event, every time', async (context) => {
    const { client, server } = await connect(context);
    context.register(client, T[0], R);
    for (const text of ['one', 'two', 'three', 'four']) {
      writeAll(server, text);
      await expectEvent(context, T[0], 'readable');
      await receiveText(context, client, text);
      assert.equal(client.read(new Uint8Array(1)), WouldBlock);
      await expectNoEvents(context);
    }
  });

  suite.test('unread data is reported only once', async (context) => {
    const { client, server } = await connect(context);
    context.register(client, T[0], RW);
    writeAll(server, 'undrained');
    await expectEvent(context, T[0], 'readable');
    await expectNoEvents(context);
    await expectNoEvents(context);
  });

  suite.test('a partial read makes no event', async (context) => {
    const { client, server } = await connect(context);
    context.register(client, T[0], R);
    writeAll(server, 'four');
    await arrivalThenEvent(context, client, 4);
    assert.equal(client.read(new Uint8Array(2)), 2);
    await expectNoEvents(context);
    assert.equal(client.read(new Uint8Array(2)), 2);
    await expectNoEvents(context);
  });

  suite.test('after a partial read, reregister reports the rest', async (context) => {
    const { client, server } = await connect(context);
    context.register(client, T[0], R);
    writeAll(server, 'four');
    await arrivalThenEvent(context, client, 4);
    assert.equal(client.read(new Uint8Array(2)), 2);
    context.registry.reregister(client, T[0], R);
    await expectEvent(context, T[0], 'readable');
    await receiveText(context, client, 'ur');
  });

  suite.test(
    'more data before draining makes at most one more event, and none is lost',
    async (context) => {
      const { client, server } = await connect(context);
      context.register(client, T[0], R);
      writeAll(server, 'a');
      await expectEvent(context, T[0], 'readable');
      for (let i = 0; i < 5; i++) {
        writeAll(server, 'b');
        await arrivalElsewhere(context, client, i + 2);
        await context.wait(0);
        await expectNoEvents(context);
      }
      assert.equal(drain(client).data.length, 6);
      writeAll(server, 'c');
      await expectEvent(context, T[0], 'readable');
    },
  );

  suite.test('unused room to write is reported once', async (context) => {
    const { client } = await connect(context);
    context.register(client, T[0], W);
    await expectEvent(context, T[0], 'writable');
    await expectNoEvents(context);
    await expectNoEvents(context);
  });

  suite.test('a read that returns WouldBlock re-arms only reading', async (context) => {
    const { client, server } = await connect(context);
    context.register(client, T[0], RW);
    await expectEvent(context, T[0], 'writable');
    for (let i = 0; i < 3; i++) {
      assert.equal(client.read(new Uint8Array(1)), WouldBlock);
      await expectNoEvents(context);
    }
    writeAll(server, 'x');
    await expectEvent(context, T[0], 'readable');
  });

  suite.test('a write that returns WouldBlock re-arms only writing', async (context) => {
    const { client, server } = await connect(context);
    const full = fill(client);
    writeAll(server, 'x');
    await arrival(context, client);
    context.register(client, T[0], RW);
    await expectEvent(context, T[0], 'readable');
    const total = full + fill(client);
    const other = context.newPoll();
    let received = 0;
    await context.until(
      'the peer reads',
      () => {
        received += drain(server).data.length;
        return received >= total;
      },
      other,
    );
    await expectEvent(context, T[0], 'writable');
    await expectNoEvents(context);
  });

  suite.test('an operation after an event may still return WouldBlock', async (context) => {
    const { client, server } = await connect(context);
    context.register(client, T[0], R);
    writeAll(server, 'x');
    // The bytes are read before polling, so an event for them would be spurious.
    await arrivalElsewhere(context, client, 1);
    drain(client);
    await context.wait(context.timing.quietMs);
    assert.equal(client.read(new Uint8Array(1)), WouldBlock);
    writeAll(server, 'y');
    await expectEvent(context, T[0], 'readable');
  });

  suite.test('with READABLE alone, a writable stream is not reported', async (context) => {
    const { client, server } = await connect(context);
    context.register(client, T[0], R);
    await expectNoEvents(context);
    writeAll(server, 'x');
    const seen = await expectEvent(context, T[0], 'readable');
    assert.ok(seen.every((event) => !event.writable));
  });

  suite.test('with WRITABLE alone, a readable stream is not reported', async (context) => {
    const { client, server } = await connect(context);
    context.register(client, T[0], W);
    await expectEvent(context, T[0], 'writable');
    writeAll(server, 'x');
    await arrivalElsewhere(context, client, 1);
    // A kernel may also report room to write again.
    const seen = await context.wait(context.timing.quietMs);
    assert.ok(seen.every((event) => !event.readable));
    await expectNoEvents(context);
    context.registry.reregister(client, T[0], RW);
    await expectEvent(context, T[0], 'readable');
  });

  suite.test('many round trips lose no edge', async (context) => {
    const { client, server } = await connect(context);
    context.register(client, T[0], R);
    context.register(server, T[1], R);
    writeAll(client, 'x');
    for (let i = 0; i < 200; i++) {
      const [token, stream] = i % 2 === 0 ? [T[1], server] : [T[0], client];
      await expectEvent(context, token, 'readable');
      assert.equal(drain(stream).data.length, 1);
      writeAll(stream, 'x');
    }
  });
}

/**
 * Waits until `size` bytes are there, on another poll, so that the test's poll consumes no event.
 */
async function arrivalElsewhere(
  context: Context,
  stream: StreamSocket<unknown>,
  size: number,
): Promise<void> {
  const buffer = new Uint8Array(size);
  const there = (): boolean => stream.peek(buffer) === size;
  await context.until(`${size} bytes arrive`, there, context.newPoll());
}

/** Lets all bytes arrive before the event is taken, so that it cannot come twice. */
async function arrivalThenEvent(
  context: Context,
  stream: StreamSocket<unknown>,
  size: number,
): Promise<void> {
  await arrivalElsewhere(context, stream, size);
  await expectEvent(context, T[0], 'readable');
}
