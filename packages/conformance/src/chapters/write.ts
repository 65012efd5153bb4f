import assert from 'node:assert/strict';
import { WouldBlock } from '@evloop/core';
import { bytes, drain, fill, receive, receiveText, writeAll } from '../bytes.ts';
import { expectEvent } from '../expect-events.ts';
import { R, RW, T, W } from '../shorthand.ts';
import type { Connect } from '../streams.ts';
import type { Suite } from '../suite.ts';

const MIB = 1024 * 1024;

/** Writing: bounded and in order, and the buffer belongs to the caller again. */
export function write(suite: Suite, connect: Connect): void {
  suite.test('written bytes arrive', async (context) => {
    const { client, server } = await connect(context);
    writeAll(client, 'there');
    await receiveText(context, server, 'there');
    writeAll(server, 'and back');
    await receiveText(context, client, 'and back');
  });

  suite.test('an idle connection takes 16 KiB without blocking', async (context) => {
    const { client, server } = await connect(context);
    const chunk = new Uint8Array(1024).fill(1);
    for (let i = 0; i < 16; i++) writeAll(client, chunk);
    const data = await receive(context, server, 16 * 1024);
    assert.ok(data.every((byte) => byte === 1));
  });

  suite.test('after write returns, the caller may change the buffer', async (context) => {
    const { client, server } = await connect(context);
    const buffer = bytes('before');
    writeAll(client, buffer);
    buffer.fill(0x21);
    writeAll(client, buffer);
    await receiveText(context, server, 'before!!!!!!');
  });

  suite.test('write sends only the range of offset and length', async (context) => {
    const { client, server } = await connect(context);
    const buffer = bytes('abcdefg');
    assert.equal(client.write(buffer, 2, 3), 3);
    assert.equal(client.write(buffer, 5), 2);
    assert.equal(client.write(buffer.subarray(0, 2)), 2);
    assert.equal(client.write(buffer.subarray(1, 4), 1, 1), 1);
    await receiveText(context, server, 'cdefgabc');
  });

  suite.test('writing an empty range returns 0', async (context) => {
    const { client, server } = await connect(context);
    assert.equal(client.write(new Uint8Array(0)), 0);
    assert.equal(client.write(bytes('abc'), 3), 0);
    assert.equal(client.write(bytes('abc'), 1, 0), 0);
    assert.equal(server.read(new Uint8Array(1)), WouldBlock);
    writeAll(client, 'x');
    await receiveText(context, server, 'x');
  });

  suite.test('writing to a peer that does not read ends in WouldBlock', async (context) => {
    const { client } = await connect(context);
    context.register(client, T[0], W);
    let total = 0;
    let idle = 0;
    // Taken bytes move on to the peer's side, so there may be room again several times.
    while ((await context.wait(context.timing.quietMs * 2)).length > 0) {
      const taken = fill(client);
      total += taken;
      idle = taken === 0 ? idle + 1 : 0;
      assert.ok(idle < 10, 'writable again and again, without room');
      assert.ok(total <= 256 * MIB, `${total} bytes were taken, although the peer does not read`);
    }
  });

  suite.test(
    'a full stream is reported writable exactly once when the peer reads',
    async (context) => {
      const { client, server } = await connect(context);
      const total = fill(client);
      context.register(client, T[0], W);
      // Registering has reported current readiness. From here on, only new room is reported.
      await context.wait(0);
      let sent = total + fill(client);
      let received = 0;
      let edges = 0;
      await context.until(
        'the peer has read everything',
        () => {
          received += drain(server).data.length;
          return received >= sent;
        },
        context.newPoll(),
      );
      for (const event of await expectEvent(context, T[0], 'writable')) if (event.writable) edges++;
      for (const event of await context.wait(context.timing.quietMs)) if (event.writable) edges++;
      assert.equal(edges, 1);
      sent += fill(client);
      await context.until('the rest arrives', () => {
        received += drain(server).data.length;
        return received >= sent;
      });
      assert.equal(received, sent);
    },
  );

  suite.test('a partial write takes the first bytes, and the rest can follow', async (context) => {
    const { client, server } = await connect(context);
    const large = new Uint8Array(8 * MIB).map((_, i) => (i * 7 + (i >> 8)) & 0xff);
    const received = new Uint8Array(large.length);
    context.register(client, T[0], W);
    context.register(server, T[1], R);
    let sent = 0;
    let done = 0;
    let partial = false;
    await context.until('8 MiB pass', () => {
      while (sent < large.length) {
        const size = client.write(large, sent);
        if (size === WouldBlock) break;
        sent += size;
        if (sent < large.length) partial = true;
      }
      while (done < received.length) {
        const size = server.read(received, done);
        if (size === WouldBlock) break;
        done += size;
      }
      return done === received.length;
    });
    assert.ok(partial, 'one write should not take 8 MiB');
    assert.ok(Buffer.from(received.buffer).equals(Buffer.from(large.buffer)));
  });

  suite.test('both directions can be full at once, and drain independently', async (context) => {
    const { client, server } = await connect(context);
    const toServer = fill(client);
    const toClient = fill(server);
    context.register(client, T[0], RW);
    context.register(server, T[1], RW);
    let received = 0;
    await context.until('the server has read everything', () => {
      received += drain(server).data.length;
      return received === toServer;
    });
    received = 0;
    await context.until('the client has read everything', () => {
      received += drain(client).data.length;
      return received === toClient;
    });
    for (const stream of [client, server]) writeAll(stream, 'there is room again');
    await receiveText(context, client, 'there is room again');
    await receiveText(context, server, 'there is room again');
  });

  suite.test('taken bytes are delivered even if the stream is closed at once', async (context) => {
    const { client, server } = await connect(context);
    context.register(server, T[1], R);
    const total = fill(client);
    client.close();
    let received = 0;
    await context.until('everything and the end arrive', () => {
      const { data, ended } = drain(server);
      received += data.length;
      return ended;
    });
    assert.equal(received, total);
  });
}
