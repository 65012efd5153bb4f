import assert from 'node:assert/strict';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { type TcpStream, WouldBlock } from '@evloop/core';
import { bytes, receiveText } from '../bytes.ts';
import type { Context } from '../context.ts';
import { R, T } from '../shorthand.ts';
import type { Suite } from '../suite.ts';
import { UserSource } from '../user-source.ts';

/** A registered source is alive: its registry holds it, so the program need not. */
export function lifetime(suite: Suite): void {
  suite.test('a registered stream that the program does not reference works', async (context) => {
    const listener = await context.listen();
    const client = context.connect(listener);
    let forgotten: WeakRef<TcpStream> | undefined;
    const accepted = (): boolean => {
      const stream = listener.accept();
      if (stream === WouldBlock) return false;
      context.register(stream, T[0], R);
      forgotten = new WeakRef(stream);
      return true;
    };
    await context.until('the client is accepted', accepted, context.newPoll());
    await collection(context);
    assert.equal(client.write(bytes('hello')), 5);
    await reported(context);
    await receiveText(context, held(context, forgotten), 'hello');
  });

  suite.test('a registered listener that the program does not reference works', async (context) => {
    const forgotten = await (async () => {
      const listener = await context.server.TcpListener.bind('127.0.0.1:0');
      context.register(listener, T[0], R);
      return { listener: new WeakRef(listener), address: listener.localAddr() };
    })();
    await collection(context);
    context.connect(forgotten.address);
    await reported(context);
    context.accept(held(context, forgotten.listener));
  });

  suite.test(
    'a registered user-space source that the program does not reference works',
    async (context) => {
      const forgotten = (() => {
        const source = new UserSource();
        context.register(source, T[0], R);
        return new WeakRef(source);
      })();
      await collection(context);
      held(context, forgotten).readiness.set(R);
      await reported(context);
    },
  );
}

/** Makes the host collect garbage. If the host cannot be asked to, the test proves nothing. */
async function collection(context: Context): Promise<void> {
  // The host keeps objects that this turn of the loop has used until the turn ends.
  await context.turn();
  const { Bun } = globalThis as { Bun?: { gc(now: boolean): void } };
  if (Bun !== undefined) {
    Bun.gc(true);
  } else {
    setFlagsFromString('--expose-gc');
    (runInNewContext('globalThis.gc') as (() => void) | undefined)?.();
  }
  // A collected source is closed after the collection.
  await context.turn();
}

/** Waits until the source is reported. */
async function reported(context: Context): Promise<void> {
  const deadline = context.clock.now() + context.timing.patienceMs;
  while (!(await context.wait(2)).some(({ token, readable }) => token === T[0] && readable)) {
    assert.ok(context.clock.now() < deadline, 'it is reported');
  }
}

/** Returns the forgotten source, to close it at the end. */
function held<S extends { close(): void }>(context: Context, forgotten?: WeakRef<S>): S {
  const source = forgotten?.deref();
  assert.ok(source !== undefined, 'its registry holds it');
  return context.own(source);
}
