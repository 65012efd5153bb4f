import { once } from 'node:events';
import { connect as connectNode, createServer, type Socket } from 'node:net';
import { Duplex, PassThrough } from 'node:stream';
import { WouldBlock } from '@evloop/core';
import { relay } from '@evloop/service';
import { describe, expect, test } from 'vitest';
import { fromDuplex, toDuplex } from '../src/index.ts';
import { atEnd, runningLoop, streamPair, textOf, ways } from './fixture.ts';

/** Two sockets of Node that are connected to each other. */
async function nodePair(): Promise<[Socket, Socket]> {
  const server = createServer({ allowHalfOpen: true }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as { port: number };
  const a = connectNode({ port, host: '127.0.0.1', allowHalfOpen: true });
  const [b] = (await once(server, 'connection')) as [Socket];
  server.close();
  atEnd(() => a.destroy());
  atEnd(() => b.destroy());
  return [a, b];
}

describe.each(ways)('fromDuplex on $name', (way) => {
  test('makes a source that is read and written like a socket', async () => {
    const loop = runningLoop(way);
    const [a, b] = await nodePair();
    const source = fromDuplex(a);
    const buffer = new Uint8Array(3);
    let received = '';
    const ended = new Promise<void>((resolve) => {
      loop.attach(source, 3, () => {
        if (source.finishConnect() === WouldBlock) return;
        for (;;) {
          const size = source.read(buffer);
          if (size === WouldBlock) return;
          if (size === 0) return resolve();
          received += Buffer.from(buffer.subarray(0, size)).toString();
        }
      });
    });
    b.end('hello world');
    await ended;
    expect(received).toBe('hello world');
    expect(source.write(Buffer.from('bye'))).toBe(3);
    source.shutdown('write');
    expect(await textOf(b)).toBe('bye');
    source.close();
  });

  test('blocks while the stream does not drain, and goes on then', async () => {
    const loop = runningLoop(way);
    const [a, b] = await nodePair();
    const source = fromDuplex(a);
    const size = 8 * 1024 * 1024;
    const data = new Uint8Array(size);
    let sent = 0;
    let blocked = 0;
    loop.attach(source, 3, () => {
      while (sent < size && source.finishConnect() !== WouldBlock) {
        const taken = source.write(data, sent);
        if (taken === WouldBlock) {
          blocked++;
          return;
        }
        sent += taken;
        expect(a.writableLength).toBeLessThanOrEqual(2 * a.writableHighWaterMark);
      }
      if (sent === size) source.shutdown('write');
    });
    expect((await textOf(b)).length).toBe(size);
    expect(blocked).toBeGreaterThan(0);
    source.close();
  });

  test('reports the error of the stream as a system error', async () => {
    const loop = runningLoop(way);
    const duplex = new Duplex({ read() {}, write: (_c, _e, done) => done() });
    const source = fromDuplex(duplex);
    const failed = new Promise((resolve) => {
      loop.attach(source, 1, () => {
        try {
          source.read(new Uint8Array(8));
        } catch (error) {
          resolve(error);
        }
      });
    });
    duplex.destroy(Object.assign(new Error('broken'), { code: 'ERR_MINE' }));
    expect(await failed).toMatchObject({ code: 'ERR_MINE', syscall: 'read', message: 'broken' });
    source.close();
  });

  test('is a side of a relay', async () => {
    const { loop, a, b } = await streamPair(way);
    const through = new PassThrough();
    const done = relay(loop, b, fromDuplex(through));
    const client = toDuplex(a, loop);
    client.end('there and back');
    expect(await textOf(client)).toBe('there and back');
    expect(await done).toEqual({ aToB: 14, bToA: 14 });
  });
});

test('refuses a stream in object mode, and what only sockets can', () => {
  expect(() => fromDuplex(new PassThrough({ objectMode: true }))).toThrow('it is in object mode');
  const source = fromDuplex(new PassThrough());
  const unsupported = expect.objectContaining({ code: 'EVLOOP_UNSUPPORTED' });
  expect(() => source.peerCredentials()).toThrow(unsupported);
  expect(() => source.readWithFds()).toThrow(unsupported);
  source.close();
  expect(() => source.read(new Uint8Array(1))).toThrow(
    expect.objectContaining({ code: 'EVLOOP_CLOSED' }),
  );
});
