import assert from 'node:assert/strict';
import type { TcpStream } from '@evloop/core';
import { Interest } from '@evloop/core';
import { DescriptorRegistration } from '@evloop/core/backend';
import { arrival, receiveText, writeAll } from '../bytes.ts';
import { expectCode } from '../expect-error.ts';
import { R, T } from '../shorthand.ts';
import type { Suite } from '../suite.ts';

type Transfer = (
  stream: TcpStream,
  buffer: Uint8Array,
  offset?: number,
  length?: number,
) => unknown;

/** Invalid arguments throw errors of the right kind, and reach no memory. */
export function badInput(suite: Suite): void {
  const operations: [name: string, operation: Transfer][] = [
    ['read', (stream, ...rest) => stream.read(...rest)],
    ['peek', (stream, ...rest) => stream.peek(...rest)],
    ['write', (stream, ...rest) => stream.write(...rest)],
  ];
  for (const [name, operation] of operations) {
    suite.test(`${name} accepts only a Uint8Array`, async (context) => {
      const { client } = await context.pair();
      const wrong = [
        undefined,
        null,
        'text',
        5,
        [1, 2],
        {},
        new ArrayBuffer(4),
        new DataView(new ArrayBuffer(4)),
        new Uint16Array(4),
        new Int8Array(4),
        new Uint8ClampedArray(4),
      ];
      for (const buffer of wrong) {
        assert.throws(() => operation(client, buffer as Uint8Array), TypeError);
      }
    });

    suite.test(`${name} stays within the buffer`, async (context) => {
      const { client, server } = await context.pair();
      writeAll(server, 'there');
      await arrival(context, client, 5);
      const buffer = new Uint8Array(8);
      const outside = [-1, 9, 1.5, Number.NaN, Infinity, 2 ** 32, 2 ** 32 + 1, 2 ** 53];
      for (const wrong of outside) {
        assert.throws(() => operation(client, buffer, wrong, 1), RangeError, `offset ${wrong}`);
        assert.throws(() => operation(client, buffer, 0, wrong), RangeError, `length ${wrong}`);
      }
      for (const wrong of ['1', {}, [], true, Symbol.iterator, 1n]) {
        assert.throws(() => operation(client, buffer, wrong as number, 1), isArgumentError);
        assert.throws(() => operation(client, buffer, 0, wrong as number), isArgumentError);
      }
      assert.throws(() => operation(client, buffer, 5, 4), RangeError);
      assert.deepEqual(buffer, new Uint8Array(8));
      await receiveText(context, client, 'there');
    });

    suite.test(`${name} throws for a buffer whose memory was transferred`, async (context) => {
      const { client, server } = await context.pair();
      writeAll(server, 'there');
      await arrival(context, client, 5);
      const buffer = new Uint8Array(8);
      structuredClone(buffer.buffer, { transfer: [buffer.buffer] });
      assert.throws(() => operation(client, buffer), TypeError);
      assert.throws(() => operation(client, buffer, 0, 0), TypeError);
      await receiveText(context, client, 'there');
    });

    suite.test(`${name} accepts shared memory, or throws`, async (context) => {
      const { client, server } = await context.pair();
      writeAll(server, 'there');
      await arrival(context, client, 5);
      const shared = new Uint8Array(new SharedArrayBuffer(5));
      try {
        assert.equal(operation(client, shared), 5);
      } catch (error) {
        assert.ok(error instanceof TypeError);
      }
    });
  }

  for (const name of ['read', 'peek'] as const) {
    suite.test(
      `${name} throws for an empty range, because 0 would look like the end`,
      async (context) => {
        const { client } = await context.pair();
        assert.throws(() => client[name](new Uint8Array(0)), RangeError);
        assert.throws(() => client[name](new Uint8Array(4), 4), RangeError);
        assert.throws(() => client[name](new Uint8Array(4), 0, 0), RangeError);
      },
    );
  }

  suite.test('readv and writev take arrays of Uint8Array', async (context) => {
    const { client } = await context.pair();
    const detached = new Uint8Array(8);
    structuredClone(detached.buffer, { transfer: [detached.buffer] });
    for (const buffers of [
      ['text'],
      [new Uint8Array(4), undefined],
      [new Uint8Array(4), new Uint16Array(4)],
      [new Uint8Array(4), detached],
    ]) {
      assert.throws(() => client.readv(buffers as Uint8Array[]), TypeError);
      assert.throws(() => client.writev(buffers as Uint8Array[]), TypeError);
    }
    for (const buffers of [undefined, null, 5]) {
      assert.throws(() => client.readv(buffers as unknown as Uint8Array[]), TypeError);
      assert.throws(() => client.writev(buffers as unknown as Uint8Array[]), TypeError);
    }
  });

  suite.test('a backlog is an integer from 1 to 65535', async (context) => {
    for (const backlog of [0, -1, 1.5, Number.NaN, 65536, '5']) {
      const act = async (): Promise<unknown> =>
        context.listen('127.0.0.1:0', { backlog: backlog as number });
      await assert.rejects(act, RangeError);
    }
    await context.listen('127.0.0.1:0', { backlog: 1 });
    await context.listen('127.0.0.1:0', { backlog: 65535 });
  });

  suite.test('an invalid call leaves the stream as it was', async (context) => {
    const { client, server } = await context.pair();
    context.register(client, T[0], R);
    assert.throws(() => client.write('x' as unknown as Uint8Array), TypeError);
    assert.throws(() => client.read(new Uint8Array(0)), RangeError);
    writeAll(client, 'fine');
    await receiveText(context, server, 'fine');
    assert.equal(context.registry.size, 1);
  });

  if (!suite.client.supports.priority) {
    suite.test('without supports.priority, PRIORITY throws EVLOOP_UNSUPPORTED', async (context) => {
      const { client } = await context.pair();
      const interest = R | Interest.PRIORITY;
      expectCode(() => context.register(client, T[0], interest), 'EVLOOP_UNSUPPORTED');
      assert.equal(context.registry.size, 0);
      context.register(client, T[0], R);
      expectCode(() => context.registry.reregister(client, T[0], interest), 'EVLOOP_UNSUPPORTED');
      assert.equal(context.registry.size, 1);
    });
  }
  suite.testIf(
    suite.client.supports.priority,
    'priority',
    'PRIORITY is a valid interest',
    async (context) => {
      const { client } = await context.pair();
      context.register(client, T[0], R | Interest.PRIORITY);
      assert.equal(context.registry.size, 1);
      assert.equal((await context.wait(0)).length, 0);
    },
  );

  if (!suite.supports.descriptors) {
    suite.test(
      'without supports.descriptors, registering a descriptor throws EVLOOP_UNSUPPORTED',
      (context) => {
        const source = new DescriptorRegistration({} as never, 0);
        expectCode(() => context.register(source, T[0], R), 'EVLOOP_UNSUPPORTED');
        assert.equal(context.registry.size, 0);
      },
    );
  }
}

function isArgumentError(error: unknown): boolean {
  return error instanceof TypeError || error instanceof RangeError;
}
