import assert from 'node:assert/strict';
import { closeSync, fstatSync, openSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { type UnixStream, WouldBlock } from '@evloop/core';
import { arrival, bytes, receiveText, writeAll } from '../bytes.ts';
import type { Context } from '../context.ts';
import { expectCode } from '../expect-error.ts';
import { expectEvent, expectNoEvents } from '../expect-events.ts';
import { RW, T } from '../shorthand.ts';
import { unixPair } from '../streams.ts';
import type { Suite } from '../suite.ts';

/** Features between processes of one machine: pairs, credentials, and passing descriptors. */
export function unixPeers(suite: Suite): void {
  const { unixPair: pairs } = suite.client.supports;
  suite.testIf(
    pairs,
    'unixPair',
    'the streams of a pair are connected, and not registered',
    async (context) => {
      const [one, other] = socketPair(context);
      for (const stream of [one, other]) {
        assert.equal(stream.finishConnect(), true);
        assert.deepEqual([stream.localAddr(), stream.peerAddr()], ['', '']);
      }
      writeAll(one, 'there');
      await receiveText(context, other, 'there');
      writeAll(other, 'and back');
      await receiveText(context, one, 'and back');
      assert.equal(context.registry.size, 0);
    },
  );
  suite.testIf(
    pairs,
    'unixPair',
    'the streams of a pair can be registered like others',
    async (context) => {
      const [one, other] = socketPair(context);
      context.register(one, T[0], RW);
      await expectEvent(context, T[0], 'writable');
      await expectNoEvents(context);
      writeAll(other, 'x');
      await expectEvent(context, T[0], 'readable');
      await receiveText(context, one, 'x');
      other.close();
      await expectEvent(context, T[0], 'readClosed', 'writeClosed');
      assert.equal(one.read(new Uint8Array(1)), 0);
    },
  );
  suite.testUnsupported(pairs, 'unixPair', ({ client }) => {
    expectCode(() => client.UnixStream.pair(), 'EVLOOP_UNSUPPORTED');
  });

  const knowing = suite.server.supports.peerCredentials && suite.client.supports.peerCredentials;
  suite.testIf(
    knowing,
    'peerCredentials',
    'each end knows the process at the other end',
    async (context) => {
      const { client, server } = await unixPair(context);
      const own = { pid: process.pid, uid: process.getuid?.(), gid: process.getgid?.() };
      assert.deepEqual({ ...client.peerCredentials() }, own);
      assert.deepEqual({ ...server.peerCredentials() }, own);
      client.close();
      assert.deepEqual({ ...server.peerCredentials() }, own);
      expectCode(() => client.peerCredentials(), 'EVLOOP_CLOSED');
    },
  );
  suite.testUnsupported(knowing, 'peerCredentials', async (context) => {
    for (const stream of await lacking(context, 'peerCredentials')) {
      expectCode(() => stream.peerCredentials(), 'EVLOOP_UNSUPPORTED');
    }
  });

  const passing = suite.server.supports.fdPassing && suite.client.supports.fdPassing;
  suite.testIf(
    passing,
    'fdPassing',
    'a descriptor can be passed along with bytes',
    async (context) => {
      const { client, server } = await unixPair(context);
      const fd = openSync(fileURLToPath(import.meta.url), 'r');
      try {
        assert.equal(server.readWithFds(new Uint8Array(8)), WouldBlock);
        assert.equal(client.writeWithFds(bytes('take'), [fd, fd]), 4);
        await arrival(context, server, 4);
        const buffer = new Uint8Array(8);
        const got = server.readWithFds(buffer);
        assert.ok(got !== WouldBlock);
        assert.deepEqual([got.size, got.fds.length, got.truncated], [4, 2, false]);
        for (const each of got.fds) {
          assert.equal(fstatSync(each).ino, fstatSync(fd).ino);
          closeSync(each);
        }
        assert.ok(fstatSync(fd).isFile(), 'the sender’s stays open');
        assert.equal(server.readWithFds(buffer), WouldBlock);
      } finally {
        closeSync(fd);
      }
    },
  );
  suite.testIf(
    passing,
    'fdPassing',
    'descriptors above the receiver’s limit are closed, and reported as truncated',
    async (context) => {
      const { client, server } = await unixPair(context);
      const fd = openSync(fileURLToPath(import.meta.url), 'r');
      try {
        assert.equal(client.writeWithFds(bytes('one'), [fd, fd, fd]), 3);
        await arrival(context, server, 3);
        const got = server.readWithFds(new Uint8Array(3), 1);
        assert.ok(got !== WouldBlock);
        assert.deepEqual([got.size, got.fds.length, got.truncated], [3, 1, true]);
        for (const each of got.fds) closeSync(each);
        // The next descriptor gets the lowest free number: open(2).
        const next = openSync(fileURLToPath(import.meta.url), 'r');
        closeSync(next);
        assert.equal(client.writeWithFds(bytes('two'), [fd, fd]), 3);
        await receiveText(context, server, 'two');
        const after = openSync(fileURLToPath(import.meta.url), 'r');
        closeSync(after);
        assert.equal(after, next, 'a plain read keeps none');
      } finally {
        closeSync(fd);
      }
    },
  );
  suite.testIf(passing, 'fdPassing', 'invalid descriptors throw', async (context) => {
    const { client, server } = await unixPair(context);
    for (const wrong of [[], [-1], [1.5], new Array(254).fill(0)]) {
      assert.throws(() => client.writeWithFds(bytes('x'), wrong), /TypeError|RangeError/);
    }
    expectCode(() => client.writeWithFds(bytes('x'), [1_000_000]), 'EBADF');
    assert.throws(() => client.writeWithFds(new Uint8Array(0), [0]), RangeError);
    assert.throws(() => server.readWithFds(new Uint8Array(1), -1), RangeError);
    assert.throws(() => server.readWithFds(new Uint8Array(1), 254), RangeError);
    writeAll(client, 'still works');
    await receiveText(context, server, 'still works');
  });
  suite.testUnsupported(passing, 'fdPassing', async (context) => {
    for (const stream of await lacking(context, 'fdPassing')) {
      expectCode(() => stream.writeWithFds(bytes('x'), [0]), 'EVLOOP_UNSUPPORTED');
      expectCode(() => stream.readWithFds(new Uint8Array(1)), 'EVLOOP_UNSUPPORTED');
      stream.close();
      expectCode(() => stream.writeWithFds(bytes('x'), [0]), 'EVLOOP_CLOSED');
      expectCode(() => stream.readWithFds(new Uint8Array(1)), 'EVLOOP_CLOSED');
    }
  });
}

function socketPair(context: Context): [UnixStream, UnixStream] {
  const [one, other] = context.client.UnixStream.pair();
  return [context.own(one), context.own(other)];
}

/** Makes connected streams of those backends of the suite that do not support it. */
async function lacking(
  context: Context,
  ability: 'peerCredentials' | 'fdPassing',
): Promise<UnixStream[]> {
  const { client, server } = await unixPair(context);
  const streams: UnixStream[] = [];
  if (!context.client.supports[ability]) streams.push(client);
  if (!context.server.supports[ability]) streams.push(server);
  return streams;
}
