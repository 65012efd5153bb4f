import assert from 'node:assert/strict';
import type { UnixAddress, UnixBindOptions } from '@evloop/core';
import type { Context } from '../context.ts';
import { expectCode } from '../expect-error.ts';
import { connectUnix, freshPath, listenUnix, unixPair } from '../streams.ts';
import type { Suite } from '../suite.ts';

/** The names of Unix sockets: paths, each with a file, and abstract names without one. */
export function unixAddresses(suite: Suite): void {
  suite.test(
    'the accepted stream and the client know the path, and the client has no address',
    async (context) => {
      const { listener, client, server } = await unixPair(context);
      const path = listener.localAddr();
      assert.ok(path.length > 0);
      assert.deepEqual([client.localAddr(), client.peerAddr()], ['', path]);
      assert.deepEqual([server.localAddr(), server.peerAddr()], [path, '']);
    },
  );

  suite.test(
    'the file remains when the listener is closed, and the next bind fails',
    async (context) => {
      const path = freshPath(context);
      const listener = await listenUnix(context, path, {});
      assert.equal(listener.localAddr(), path);
      listener.close();
      assert.equal(await connectError(context, path), 'ECONNREFUSED');
      assert.equal(await bindError(context, path), 'EADDRINUSE');
    },
  );

  suite.test('unlinkOnClose removes the file, and the path can be bound again', async (context) => {
    const path = freshPath(context);
    (await listenUnix(context, path, { unlinkOnClose: true })).close();
    assert.equal(await connectError(context, path), 'ENOENT');
    const listener = await listenUnix(context, path);
    await context.establish(listener, connectUnix(context, path));
  });

  suite.test(
    'binding a path in use is EADDRINUSE, and its listener still works',
    async (context) => {
      const listener = await listenUnix(context);
      const path = listener.localAddr();
      assert.equal(await bindError(context, path), 'EADDRINUSE');
      assert.equal(await bindError(context, path, { unlinkOnClose: true }), 'EADDRINUSE');
      await context.establish(listener, connectUnix(context, path));
    },
  );

  suite.test('connecting to a missing path is ENOENT', async (context) => {
    assert.equal(await connectError(context, freshPath(context)), 'ENOENT');
  });

  suite.test(
    'an invalid path is a TypeError, and a too long path a RangeError',
    async (context) => {
      for (const [wrong, expected] of [
        ['', TypeError],
        ['a\0b', TypeError],
        [undefined, TypeError],
        [7, TypeError],
        [`/${'x'.repeat(200)}`, RangeError],
        [`/${'ü'.repeat(60)}`, RangeError],
      ] as const) {
        const path = wrong as UnixAddress;
        const bind = async (): Promise<unknown> => context.server.UnixListener.bind(path);
        await assert.rejects(bind, expected);
        assert.throws(() => context.client.UnixStream.connect(path), expected);
      }
    },
  );

  suite.test('the backlog of a Unix listener is an integer from 1 to 65535', async (context) => {
    for (const backlog of [0, -1, 1.5, 65_536, Number.NaN]) {
      const path = freshPath(context);
      const bind = async (): Promise<unknown> => listenUnix(context, path, { backlog });
      await assert.rejects(bind, RangeError);
      assert.equal(await connectError(context, path), 'ENOENT', 'nothing was bound');
    }
    await listenUnix(context, freshPath(context), { backlog: 1, unlinkOnClose: true });
  });

  const abstract = suite.server.supports.abstractNames && suite.client.supports.abstractNames;
  suite.testIf(abstract, 'abstractNames', 'abstract names have no file', async (context) => {
    const path = `\0${freshPath(context)}`;
    const listener = await listenUnix(context, path, {});
    assert.equal(listener.localAddr(), path);
    const client = connectUnix(context, path);
    const server = await context.establish(listener, client);
    assert.deepEqual([client.peerAddr(), server.localAddr()], [path, path]);
    assert.equal(await bindError(context, path), 'EADDRINUSE');
    // The bytes after a NUL belong to the name: unix(7).
    assert.equal(await connectError(context, `${path}\0`), 'ECONNREFUSED');
    listener.close();
    assert.equal(await connectError(context, path), 'ECONNREFUSED');
    await listenUnix(context, path, {});
  });
  suite.testUnsupported(abstract, 'abstractNames', async (context) => {
    const path = '\0evloop';
    const { server, client } = context;
    if (!server.supports.abstractNames) {
      assert.equal(await bindError(context, path), 'EVLOOP_UNSUPPORTED');
    }
    if (!client.supports.abstractNames) {
      expectCode(() => client.UnixStream.connect(path), 'EVLOOP_UNSUPPORTED');
    }
  });
  suite.testUnsupported(
    suite.server.supports.unixStreams && suite.client.supports.unixStreams,
    'unixStreams',
    async (context) => {
      const path = freshPath(context);
      for (const backend of [context.server, context.client]) {
        if (backend.supports.unixStreams) continue;
        const { UnixListener, UnixStream } = backend;
        for (const act of [
          () => UnixListener.bind(path),
          () => UnixListener.fromFd(0),
          () => UnixStream.connect(path),
          () => UnixStream.pair(),
          () => UnixStream.fromFd(0),
        ]) {
          await assert.rejects(async () => act(), { code: 'EVLOOP_UNSUPPORTED' });
        }
      }
    },
  );
}

/**
 * Returns the code of a failing connection attempt, whether `connect` or `finishConnect` throws.
 */
async function connectError(context: Context, path: UnixAddress): Promise<unknown> {
  try {
    const stream = connectUnix(context, path);
    await context.until('the attempt ends', () => stream.finishConnect() === true);
  } catch (error) {
    return (error as { code?: unknown }).code;
  }
  return undefined;
}

async function bindError(
  context: Context,
  path: UnixAddress,
  options?: UnixBindOptions,
): Promise<unknown> {
  try {
    await listenUnix(context, path, options);
  } catch (error) {
    return (error as { code?: unknown }).code;
  }
  return undefined;
}
