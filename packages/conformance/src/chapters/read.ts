import assert from 'node:assert/strict';
import { WouldBlock } from '@evloop/core';
import { arrival, bytes, drain, receiveText, writeAll } from '../bytes.ts';
import { expectEvent, expectNoEvents } from '../expect-events.ts';
import { R, T } from '../shorthand.ts';
import type { Connect } from '../streams.ts';
import type { Suite } from '../suite.ts';

/**
 * Reading: short reads are normal, 0 is the end, and `WouldBlock` means that nothing has arrived.
 */
export function read(suite: Suite, connect: Connect): void {
  suite.test('a read without data returns WouldBlock', async (context) => {
    const { client, server } = await connect(context);
    const buffer = new Uint8Array(16);
    for (const stream of [client, server]) {
      assert.equal(stream.read(buffer), WouldBlock);
      assert.equal(stream.read(buffer), WouldBlock);
    }
    assert.deepEqual(buffer, new Uint8Array(16));
  });

  suite.test('bytes of the peer are reported and read', async (context) => {
    const { client, server } = await connect(context);
    context.register(client, T[0], R);
    writeAll(server, 'hello');
    await expectEvent(context, T[0], 'readable');
    await receiveText(context, client, 'hello');
    assert.equal(client.read(new Uint8Array(16)), WouldBlock);
    assert.equal(client.takeError(), undefined);
  });

  suite.test('bytes that arrived before registering are reported and read', async (context) => {
    const { client, server } = await connect(context);
    writeAll(server, 'early');
    await arrival(context, client, 5);
    context.register(client, T[0], R);
    await expectEvent(context, T[0], 'readable');
    await receiveText(context, client, 'early');
  });

  suite.test('a small buffer takes a part, and the rest stays', async (context) => {
    const { client, server } = await connect(context);
    writeAll(server, 'abcdefg');
    await arrival(context, client, 7);
    const buffer = new Uint8Array(3);
    const parts: string[] = [];
    for (const size of [3, 3, 1]) {
      assert.equal(client.read(buffer), size);
      parts.push(new TextDecoder().decode(buffer.subarray(0, size)));
    }
    assert.deepEqual(parts, ['abc', 'def', 'g']);
    assert.equal(client.read(buffer), WouldBlock);
  });

  suite.test('read fills only the range of offset and length', async (context) => {
    const { client, server } = await connect(context);
    writeAll(server, 'abcdefg');
    await arrival(context, client, 7);
    const buffer = new Uint8Array(8).fill(0x2e);
    assert.equal(client.read(buffer, 2, 3), 3);
    assert.equal(new TextDecoder().decode(buffer), '..abc...');
    assert.equal(client.read(buffer, 5), 3);
    assert.equal(new TextDecoder().decode(buffer), '..abcdef');
    assert.equal(client.read(buffer, 7, 1), 1);
    assert.equal(new TextDecoder().decode(buffer), '..abcdeg');
  });

  suite.test('read and write stay within a view of a larger buffer', async (context) => {
    const { client, server } = await connect(context);
    writeAll(server, 'abcdefg');
    await arrival(context, client, 7);
    const whole = new Uint8Array(8).fill(0x2e);
    assert.equal(client.read(whole.subarray(3, 5)), 2);
    assert.equal(new TextDecoder().decode(whole), '...ab...');
    const buffer = Buffer.from('........').subarray(1, 7);
    assert.equal(client.read(buffer, 1, 2), 2);
    assert.equal(buffer.toString(), '.cd...');
  });

  suite.test('read returns 0 at the end of the stream, every time', async (context) => {
    const { client, server } = await connect(context);
    context.register(client, T[0], R);
    server.close();
    await expectEvent(context, T[0], 'readable', 'readClosed');
    for (let i = 0; i < 3; i++) assert.equal(client.read(new Uint8Array(4)), 0);
    assert.equal(client.takeError(), undefined);
  });

  suite.test('the end of the stream comes after the data', async (context) => {
    const { client, server } = await connect(context);
    writeAll(server, 'last words');
    server.close();
    context.register(client, T[0], R);
    let text = '';
    await context.until('the end is read', () => {
      const { data, ended } = drain(client, 3);
      text += new TextDecoder().decode(data);
      return ended;
    });
    assert.equal(text, 'last words');
    assert.equal(client.read(new Uint8Array(4)), 0);
  });

  suite.test('data and end from before registering make one event', async (context) => {
    const { client, server } = await connect(context);
    writeAll(server, 'data');
    server.close();
    // The end is hidden until the data is read, so another poll waits for it.
    const poll = context.newPoll();
    poll.registry.register(client, T[0], R);
    let closed = false;
    const deadline = context.clock.now() + context.timing.patienceMs;
    while (!closed && context.clock.now() < deadline) {
      closed = (await context.wait(2, poll)).some((event) => event.readClosed);
    }
    assert.ok(closed, 'the end should be reported');
    poll.registry.deregister(client);
    context.register(client, T[1], R);
    const [event] = await context.wait(context.timing.patienceMs);
    assert.ok(event?.readable && event.readClosed);
    await expectNoEvents(context);
    const { data, ended } = drain(client);
    assert.deepEqual([Buffer.from(data).toString(), ended], ['data', true]);
  });

  suite.test('later reads do not change bytes that were read before', async (context) => {
    const { client, server } = await connect(context);
    writeAll(server, 'first');
    await arrival(context, client, 5);
    const first = drain(client).data;
    writeAll(server, 'other');
    await receiveText(context, client, 'other');
    assert.deepEqual(new Uint8Array(first), bytes('first'));
  });
}
