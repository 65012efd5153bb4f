import assert from 'node:assert/strict';
import { LingeringClose, WouldBlock } from '@evloop/core';
import { arrival, bytes, drain, fill, receive, writeAll } from '../bytes.ts';
import { expectCode } from '../expect-error.ts';
import { R, T } from '../shorthand.ts';
import type { Connect } from '../streams.ts';
import type { Suite } from '../suite.ts';

/** Closing without losing written bytes, by core's `LingeringClose`. */
export function lingeringClose(suite: Suite, connect: Connect): void {
  suite.test('a peer that sends late still receives all written bytes', async (context) => {
    const { client, server } = await connect(context);
    const taken = fill(server);
    context.register(server, T[0], R);
    const closing = context.own(new LingeringClose(server));
    assert.equal(closing.step(), 'wait');
    writeAll(client, 'late');
    const data = await receive(context, client, taken);
    assert.equal(data.length, taken);
    // The data is followed by a normal end, not by a reset.
    await context.until('the stream ends', () => client.read(new Uint8Array(1)) === 0);
    assert.ok(!closing.closed, 'the peer may still send');
    client.close();
    await context.until('the stream is closed', () => closing.step() === 'end');
    expectCode(() => server.read(new Uint8Array(1)), 'EVLOOP_CLOSED');
  });

  suite.test('unread bytes are discarded', async (context) => {
    const { client, server } = await connect(context);
    writeAll(client, 'unread');
    writeAll(server, 'answer');
    context.register(server, T[0], R);
    const closing = context.own(new LingeringClose(server));
    assert.notEqual(closing.step(), 'end');
    const answer = await receive(context, client, bytes('answer').length);
    assert.deepEqual(answer, bytes('answer'));
    client.shutdown('write');
    await context.until('the stream is closed', () => closing.step() === 'end');
    await context.until('the peer sees the end', () => drain(client).ended);
  });

  suite.test('the stream is closed when the time is up', async (context) => {
    const { client, server } = await connect(context);
    context.register(server, T[0], R);
    const closing = context.own(new LingeringClose(server, { timeoutMs: 5 }));
    await context.until('the stream is closed', () => closing.step() === 'end');
    assert.ok(closing.closed);
    await context.until('the peer sees the end', () => drain(client).ended);
  });

  suite.test('the stream is closed when the connection breaks', async (context) => {
    const { client, server } = await connect(context);
    context.register(server, T[0], R);
    writeAll(server, 'unread');
    const closing = context.own(new LingeringClose(server));
    await arrival(context, client);
    client.close();
    await context.until('the stream is closed', () => closing.step() === 'end');
  });

  suite.test('an invalid timeout throws, and changes nothing', async (context) => {
    const { server } = await connect(context);
    for (const timeoutMs of [-1, Number.NaN, Infinity, 2 ** 31, '5' as unknown as number]) {
      const make = () => new LingeringClose(server, { timeoutMs });
      assert.throws(make, { name: 'RangeError', message: /^invalid timeoutMs: .* from 0 to/ });
    }
    writeAll(server, 'still open');
    assert.equal(server.read(new Uint8Array(1)), WouldBlock);
  });

  suite.test('a closed stream cannot be closed with LingeringClose', async (context) => {
    const { server } = await connect(context);
    server.close();
    expectCode(() => new LingeringClose(server), 'EVLOOP_CLOSED');
  });
}
