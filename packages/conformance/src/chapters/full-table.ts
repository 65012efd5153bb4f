import assert from 'node:assert/strict';
import {
  isExhausted,
  isTransient,
  type TcpListener,
  type TcpStream,
  WouldBlock,
} from '@evloop/core';
import { writeAll } from '../bytes.ts';
import type { Context } from '../context.ts';
import type { FullTable } from '../descriptor-table.ts';
import { checkSystemError } from '../expect-error.ts';
import { R, RW, T } from '../shorthand.ts';
import type { Body, Suite } from '../suite.ts';

/**
 * Accepting while no descriptor is free. Every listener survives it. `supports.acceptRecovery`
 * tells whether its clients do.
 */
export function fullTable(suite: Suite): void {
  const { hindrance } = suite.descriptors;
  const { acceptRecovery } = suite.server.supports;
  const test = suite.testUnless.bind(suite, hindrance);
  const testRecovery = (name: string, body: Body): void => {
    if (acceptRecovery) test(name, body);
    else suite.testIf(false, 'acceptRecovery', name, body);
  };

  test('running out of descriptors is a transient error of accept, or no error', async (context) => {
    for (const error of await refusals(context, await exhausted(context))) {
      assert.ok(isTransient(error) && isExhausted(error), `it is over some time: ${error}`);
      const { code } = error as { code: string };
      assert.match(code, /^E[MN]FILE$/);
      checkSystemError(error, code, 'accept');
    }
  });

  test('once descriptors are free, a new client is served, and no client waits for ever', async (context) => {
    const scene = await exhausted(context);
    await refusals(context, scene);
    scene.table.close();
    const fresh = context.connect(scene.listener);
    context.register(fresh, T[2], RW);
    await serve(
      context,
      scene.listener,
      'the new client is served',
      () => fate(fresh) === 'served',
    );
    await serve(
      context,
      scene.listener,
      'the other one knows its fate',
      () => fate(scene.client) !== 'waits',
    );
  });

  testRecovery(
    'a client without a descriptor waits, and accept throws EMFILE or ENFILE',
    async (context) => {
      const scene = await exhausted(context);
      assert.ok((await refusals(context, scene)).length > 0);
      assert.equal(fate(scene.client), 'waits');
    },
  );

  testRecovery(
    'waiting clients are reported once descriptors are free, without a new client',
    async (context) => {
      const scene = await exhausted(context);
      await refusals(context, scene);
      scene.table.close();
      await serve(context, scene.listener, 'it is served', () => fate(scene.client) === 'served');
    },
  );
}

/** A full table, a listener, and a client for whose other end there is no descriptor. */
interface Scene {
  readonly table: FullTable;
  readonly listener: TcpListener;
  readonly client: TcpStream;
}

async function exhausted(context: Context): Promise<Scene> {
  // The host opens what it opens only once with the first connection.
  const { listener } = await context.pair();
  context.register(listener, T[0], R);
  const table = await context.fullTable();
  table.freeOne();
  const client = context.connect(listener);
  context.register(client, T[1], RW);
  await context.until('the client is connected', () => client.finishConnect() === true);
  // A client that needs no descriptor leaves one free.
  await table.fill();
  return { table, listener, client };
}

/** Collects the errors of `accept`. If it may throw none, waits a while. */
async function refusals(context: Context, { listener }: Scene): Promise<unknown[]> {
  const errors: unknown[] = [];
  const attempt = (): void => {
    try {
      acceptAll(context, listener);
    } catch (error) {
      errors.push(error);
    }
  };
  if (context.server.supports.acceptRecovery) {
    await context.until('accept throws', () => {
      attempt();
      return errors.length > 0;
    });
  } else {
    const end = context.clock.now() + context.timing.quietMs;
    do {
      await context.wait(2);
      attempt();
    } while (context.clock.now() < end);
  }
  return errors;
}

/** Accepts whenever the listener is reported, and only then, until `done`. */
async function serve(
  context: Context,
  listener: TcpListener,
  what: string,
  done: () => boolean,
): Promise<void> {
  const deadline = context.clock.now() + context.timing.patienceMs;
  while (!done()) {
    assert.ok(context.clock.now() < deadline, `in ${context.timing.patienceMs} ms: ${what}`);
    const seen = await context.wait(2);
    if (!seen.some(({ token, readable }) => token === T[0] && readable)) continue;
    try {
      acceptAll(context, listener);
    } catch (error) {
      // An error from before.
      if (!isExhausted(error)) throw error;
    }
  }
}

function acceptAll(context: Context, listener: TcpListener): void {
  for (let it = listener.accept(); it !== WouldBlock; it = listener.accept()) {
    writeAll(context.own(it), 'welcome');
  }
}

/** Returns what has happened to a client. */
function fate(client: TcpStream): 'waits' | 'served' | 'turned away' {
  try {
    const size = client.peek(new Uint8Array(1));
    if (size === WouldBlock) return 'waits';
    return size > 0 ? 'served' : 'turned away';
  } catch {
    return 'turned away';
  }
}
