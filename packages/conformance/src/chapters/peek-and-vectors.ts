import assert from 'node:assert/strict';
import { WouldBlock } from '@evloop/core';
import { arrival, bytes, receiveText, writeAll } from '../bytes.ts';
import { expectEvent, expectNoEvents } from '../expect-events.ts';
import { R, T } from '../shorthand.ts';
import type { Connect } from '../streams.ts';
import type { Suite } from '../suite.ts';

/** Peeking consumes nothing, and several buffers make one read or one write. */
export function peekAndVectors(suite: Suite, connect: Connect): void {
  suite.test('peek returns the bytes that the next read returns', async (context) => {
    const { client, server } = await connect(context);
    assert.equal(client.peek(new Uint8Array(4)), WouldBlock);
    writeAll(server, 'abcdef');
    await arrival(context, client, 6);
    const buffer = new Uint8Array(8).fill(0x2e);
    for (let i = 0; i < 2; i++) {
      assert.equal(client.peek(buffer, 1, 4), 4);
      assert.equal(new TextDecoder().decode(buffer), '.abcd...');
    }
    await receiveText(context, client, 'abcdef');
    assert.equal(client.peek(buffer), WouldBlock);
  });

  suite.test('a successful peek does not drain the edge', async (context) => {
    const { client, server } = await connect(context);
    context.register(client, T[0], R);
    await expectNoEvents(context);
    writeAll(server, 'x');
    const poll = context.newPoll();
    const buffer = new Uint8Array(1);
    await context.until('it arrives', () => client.peek(buffer) === 1, poll);
    await expectEvent(context, T[0], 'readable');
    assert.equal(client.peek(buffer), 1);
    await expectNoEvents(context);
    assert.equal(client.read(buffer), 1);
  });

  suite.test('a peek that returns WouldBlock re-arms reading', async (context) => {
    const { client, server } = await connect(context);
    context.register(client, T[0], R);
    writeAll(server, '1');
    await expectEvent(context, T[0], 'readable');
    const buffer = new Uint8Array(1);
    assert.equal(client.read(buffer), 1);
    assert.equal(client.peek(buffer), WouldBlock);
    writeAll(server, '2345');
    await expectEvent(context, T[0], 'readable');
  });

  suite.test('peek returns 0 at the end of the stream', async (context) => {
    const { client, server } = await connect(context);
    context.register(client, T[0], R);
    server.close();
    await expectEvent(context, T[0], 'readClosed');
    assert.equal(client.peek(new Uint8Array(1)), 0);
    assert.equal(client.read(new Uint8Array(1)), 0);
    assert.equal(client.peek(new Uint8Array(1)), 0);
  });

  suite.test('readv fills the buffers one after the other', async (context) => {
    const { client, server } = await connect(context);
    const buffers = [2, 0, 3, 4].map((size) => new Uint8Array(size).fill(0x2e));
    assert.equal(client.readv(buffers), WouldBlock);
    writeAll(server, 'abcdefgh');
    await arrival(context, client, 8);
    assert.equal(client.readv(buffers), 8);
    const texts = buffers.map((buffer) => new TextDecoder().decode(buffer));
    assert.deepEqual(texts, ['ab', '', 'cde', 'fgh.']);
    assert.equal(client.readv(buffers), WouldBlock);
  });

  suite.test('readv may be short, and returns 0 at the end, as read does', async (context) => {
    const { client, server } = await connect(context);
    writeAll(server, 'abc');
    await arrival(context, client, 3);
    server.close();
    context.register(client, T[0], R);
    await expectEvent(context, T[0], 'readClosed');
    const buffers = [new Uint8Array(2), new Uint8Array(2)];
    assert.equal(client.readv(buffers), 3);
    assert.equal(client.readv(buffers), 0);
    assert.equal(client.readv(buffers), 0);
  });

  suite.test('readv of an empty range throws, as read does', async (context) => {
    const { client } = await connect(context);
    assert.throws(() => client.readv([]), RangeError);
    assert.throws(() => client.readv([new Uint8Array(0)]), RangeError);
  });

  suite.test('writev sends the buffers one after the other', async (context) => {
    const { client, server } = await connect(context);
    assert.equal(client.writev([bytes('ab'), bytes(''), bytes('cde')]), 5);
    assert.equal(client.writev([]), 0);
    assert.equal(client.writev([bytes('')]), 0);
    await receiveText(context, server, 'abcde');
  });

  suite.test('more buffers than the system takes at once stay in order', async (context) => {
    const { client, server } = await connect(context);
    const text = 'The quick brown fox jumps over the lazy dog. '.repeat(4);
    const letters = [...text].map(bytes);
    let sent = 0;
    while (sent < letters.length) {
      const size = client.writev(letters.slice(sent));
      assert.ok(typeof size === 'number' && size > 0);
      sent += size;
    }
    await arrival(context, server, text.length);
    const buffers = letters.map(() => new Uint8Array(1));
    let got = 0;
    while (got < buffers.length) {
      const size = server.readv(buffers.slice(got));
      assert.ok(typeof size === 'number' && size > 0);
      got += size;
    }
    assert.equal(Buffer.concat(buffers).toString(), text);
  });

  suite.test('a readv that returns WouldBlock re-arms reading', async (context) => {
    const { client, server } = await connect(context);
    context.register(client, T[0], R);
    writeAll(server, '1');
    await expectEvent(context, T[0], 'readable');
    assert.equal(client.readv([new Uint8Array(4)]), 1);
    assert.equal(client.readv([new Uint8Array(4)]), WouldBlock);
    await expectNoEvents(context);
    writeAll(server, '2');
    await expectEvent(context, T[0], 'readable');
  });
}
