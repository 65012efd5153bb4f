import { once } from 'node:events';
import { isEvloopError, WouldBlock } from '@evloop/core';
import { Loop, type Stream } from '@evloop/service';
import { describe, expect, test } from 'vitest';
import { connectSocket, EvloopSocket, toDuplex } from '../src/index.ts';
import {
  accepted,
  atEnd,
  listen,
  mixedPair,
  recordEvents,
  runningLoop,
  socketPair,
  streamPair,
  systemWays,
  textOf,
  until,
  type Way,
  ways,
} from './fixture.ts';

const EVENTS = ['connect', 'ready', 'end', 'finish', 'error', 'close', 'timeout'];

/** Reads from a stream until it would block, ends or fails. */
function drain(stream: Stream): number {
  const buffer = new Uint8Array(65536);
  let total = 0;
  for (;;) {
    const size = stream.read(buffer);
    if (size === WouldBlock || size === 0) return total;
    total += size;
  }
}

/** A pair whose loop runs only for this test. */
async function pairOnOwnRun(way: Way) {
  const loop = new Loop(way.backend);
  const listener = await listen(way);
  const run = loop.run();
  const a = toDuplex(way.backend.TcpStream.connect(listener.localAddr()), loop);
  const b = toDuplex(await accepted(loop, listener), loop);
  atEnd(() => loop.close());
  return { loop, run, a, b };
}

describe.each(ways)('EvloopSocket on $name', (way) => {
  test('carries bytes both ways', async () => {
    const { a, b } = await socketPair(way);
    a.end('from a');
    b.end('from b');
    expect(await Promise.all([textOf(a), textOf(b)])).toEqual(['from b', 'from a']);
    expect(a.bytesRead).toBe(6);
    expect(a.bytesWritten).toBe(6);
  });

  test('ends its side and closes when the peer has ended', async () => {
    const { a, b } = await socketPair(way);
    const seen = recordEvents(a, EVENTS);
    a.resume();
    b.resume().end();
    await once(a, 'close');
    expect(seen).toEqual(['end', 'finish', 'close false']);
    expect(a.readyState).toBe('closed');
  });

  test('stays writable after the end of the peer with allowHalfOpen', async () => {
    const { a, b } = await socketPair(way, { allowHalfOpen: true });
    b.end();
    a.resume();
    await once(a, 'end');
    expect(a.readyState).toBe('writeOnly');
    a.end('still there');
    expect(await textOf(b)).toBe('still there');
    if (!a.closed) await once(a, 'close');
  });

  test('refuses a write after the peer has ended as net.Socket does', async () => {
    const { a, b } = await socketPair(way);
    b.resume().end();
    a.resume();
    await once(a, 'finish');
    const failure = new Promise((resolve) => a.write('late', resolve));
    expect(await failure).toMatchObject({ code: 'EPIPE' });
  });

  test('ends its side only after everything is written', async () => {
    const { a, b } = await socketPair(way);
    const size = 3 * 1024 * 1024;
    a.resume().end(Buffer.alloc(size, 'x'));
    let received = 0;
    b.on('data', (chunk: Buffer) => {
      received += chunk.length;
    });
    await once(b, 'end');
    expect(received).toBe(size);
  });

  test('withholds the callback of a write until the peer has taken it', async () => {
    const { loop, a, b } = await mixedPair(way);
    let done = false;
    a.write(Buffer.alloc(32 * 1024 * 1024), () => {
      done = true;
    });
    loop.attach(b, 1, () => {});
    await new Promise((resolve) => loop.deadlines.in(20, () => resolve(undefined)));
    expect(done).toBe(false);
    await until(() => {
      drain(b);
      return done;
    });
  });

  test('writes many small chunks in their order', async () => {
    const { a, b } = await socketPair(way);
    a.cork();
    const parts = Array.from({ length: 500 }, (_, i) => `${i},`);
    for (const part of parts) a.write(part);
    a.write('');
    a.uncork();
    a.end();
    expect(await textOf(b)).toBe(parts.join(''));
  });

  test('stops reading when nothing takes what has arrived', async () => {
    const { a, b } = await socketPair(way);
    const size = 16 * 1024 * 1024;
    b.end(Buffer.alloc(size));
    await until(() => a.readableLength >= 65536);
    await new Promise((resolve) => setTimeout(resolve, 20));
    expect(a.bytesRead).toBeLessThan(3 * 65536);
    a.resume();
    await once(a, 'end');
    expect(a.bytesRead).toBe(size);
  });

  test('gives others their turn while a fast peer sends', async () => {
    const { loop, a, b } = await socketPair(way);
    let most = 0;
    let inTurn = 0;
    a.on('data', (chunk: Buffer) => {
      inTurn += chunk.length;
      most = Math.max(most, inTurn);
    });
    loop.defer(() => {
      inTurn = 0;
      return a.closed ? 'end' : 'again';
    });
    b.end(Buffer.alloc(16 * 1024 * 1024));
    await once(a, 'end');
    expect(most).toBeLessThanOrEqual(2 * 262144 + 65536);
  });

  test('fails a write that is under way when it is destroyed', async () => {
    const { a } = await socketPair(way);
    const seen = recordEvents(a, EVENTS);
    const failed = new Promise((resolve) => a.write(Buffer.alloc(64 * 1024 * 1024), resolve));
    await new Promise((resolve) => setImmediate(resolve));
    a.destroy();
    expect(await failed).toMatchObject({ code: 'ERR_STREAM_DESTROYED' });
    if (seen.length === 0) await once(a, 'close');
    expect(seen).toEqual(['close false']);
  });

  test('passes on the error that it is destroyed with', async () => {
    const { a, b } = await socketPair(way);
    const seen = recordEvents(a, EVENTS);
    a.destroy(Object.assign(new Error('no more'), { code: 'MINE' }));
    b.resume();
    await once(b, 'close');
    expect(seen).toEqual(['error MINE', 'close true']);
  });

  test('queues what is written before the connection is made', async () => {
    const loop = runningLoop(way);
    const listener = await listen(way);
    const { port } = listener.localAddr();
    const a = connectSocket(loop, { host: '127.0.0.1', port });
    const seen = recordEvents(a, EVENTS);
    expect([a.connecting, a.pending, a.readyState]).toEqual([true, true, 'opening']);
    a.write('early');
    expect(a.write(Buffer.alloc(65536))).toBe(false);
    a.end();
    const b = toDuplex(await accepted(loop, listener), loop);
    expect((await textOf(b)).slice(0, 5)).toBe('early');
    a.resume();
    if (!a.closed) await once(a, 'close');
    expect(seen).toEqual(['connect', 'ready', 'finish', 'end', 'close false']);
  });

  test('takes a stream that is still connecting', async () => {
    const loop = runningLoop(way);
    const listener = await listen(way);
    const a = toDuplex(way.backend.TcpStream.connect(listener.localAddr()), loop);
    const seen = recordEvents(a, EVENTS);
    const expected = a.connecting ? ['connect', 'ready', 'finish'] : ['finish'];
    a.end('early');
    const b = toDuplex(await accepted(loop, listener), loop);
    expect(await textOf(b)).toBe('early');
    expect(seen).toEqual(expected);
    a.destroy();
  });

  test('reports why it could not connect', async () => {
    const loop = runningLoop(way);
    const listener = await listen(way);
    const { port } = listener.localAddr();
    listener.close();
    const a = connectSocket(loop, { host: '127.0.0.1', port });
    const seen = recordEvents(a, EVENTS);
    await new Promise((resolve) => a.once('close', resolve));
    expect(seen).toEqual(['error ECONNREFUSED', 'close true']);
  });

  test('is destroyed while it connects', async () => {
    const loop = runningLoop(way);
    const listener = await listen(way);
    const a = connectSocket(loop, { host: '127.0.0.1', port: listener.localAddr().port });
    const failed = new Promise((resolve) => a.write('early', resolve));
    const seen = recordEvents(a, EVENTS);
    a.destroy();
    expect(await failed).toMatchObject({ code: 'ERR_STREAM_DESTROYED' });
    if (!a.closed) await once(a, 'close');
    expect(seen).toEqual(['close false']);
  });

  test('emits timeout once when idle, and is not destroyed by it', async () => {
    const { a, b } = await socketPair(way);
    const seen = recordEvents(a, EVENTS);
    let called = 0;
    a.setTimeout(20, () => called++);
    expect(a.timeout).toBe(20);
    await once(a, 'timeout');
    expect([called, seen, a.destroyed]).toEqual([1, ['timeout'], false]);
    b.write('x');
    await once(a, 'data');
    await once(a, 'timeout');
    expect(called).toBe(1);
    a.setTimeout(0);
    expect(a.timeout).toBe(undefined);
  });

  test('keeps its addresses after the end', async () => {
    const { a, b } = await socketPair(way);
    const before = [a.remoteAddress, a.remotePort, a.localPort, a.remoteFamily];
    expect(before).toEqual(['127.0.0.1', b.localPort, b.remotePort, 'IPv4']);
    a.destroy();
    b.destroy();
    expect([a.remoteAddress, a.remotePort, a.localPort, a.remoteFamily]).toEqual(before);
  });

  test('throws for a stream that is registered, which stays the caller’s', async () => {
    const { loop, a } = await streamPair(way);
    const attachment = loop.attach(a, 1, () => {});
    expect(() => toDuplex(a, loop)).toThrow(
      expect.objectContaining({ code: 'EVLOOP_ALREADY_REGISTERED' }),
    );
    attachment.detach();
    toDuplex(a, loop).destroy();
  });

  test('lets what a listener throws end the run of the loop, which may run again', async () => {
    const { loop, run, a, b } = await pairOnOwnRun(way);
    a.on('data', () => {
      throw new Error('mine');
    });
    b.write('x');
    await expect(run).rejects.toThrow('mine');
    const again = loop.run();
    a.removeAllListeners('data');
    b.end('y');
    expect(await textOf(a)).toBe('y');
    loop.stop();
    await again;
  });

  test('has the constructor of a socket that connects itself', async () => {
    const loop = runningLoop(way);
    const listener = await listen(way);
    const a = new EvloopSocket(loop);
    expect(a.pending).toBe(true);
    let connected = 0;
    a.setNoDelay(true).setKeepAlive(true, 5000).ref().unref();
    a.connect(listener.localAddr().port, '127.0.0.1', () => connected++);
    expect(() => a.connect(1, '127.0.0.1')).toThrow('Socket is closed');
    await once(a, 'ready');
    expect(connected).toBe(1);
    a.destroy();
  });
});

describe.each(systemWays)('EvloopSocket on $name', (way) => {
  test('reports a reset as an error', async () => {
    const { a, b } = await socketPair(way);
    const seen = recordEvents(a, EVENTS);
    a.resume();
    b.resetAndDestroy();
    await new Promise((resolve) => a.once('close', resolve));
    expect(seen).toEqual(['error ECONNRESET', 'close true']);
    expect(a.remotePort).toBeGreaterThan(0);
  });

  test('connects to a Unix socket', async () => {
    const loop = runningLoop(way);
    const { mkdtemp, rm } = await import('node:fs/promises');
    const { tmpdir } = await import('node:os');
    const folder = await mkdtemp(`${tmpdir()}/streams-`);
    const listener = await way.backend.UnixListener.bind(`${folder}/socket`);
    const server = new Promise<Stream>((resolve) => {
      const attachment = loop.attach(listener, 1, () => {
        const stream = listener.accept();
        if (stream === WouldBlock) return;
        attachment.detach();
        resolve(stream);
      });
    });
    const a = connectSocket(loop, { path: `${folder}/socket` });
    a.end('hello');
    const b = toDuplex(await server, loop);
    expect(await textOf(b)).toBe('hello');
    expect([b.remoteAddress, b.address()]).toEqual([undefined, {}]);
    listener.close();
    await rm(folder, { recursive: true });
    a.destroy();
  });

  test('looks names up and tells so', async () => {
    const loop = runningLoop(way);
    const listener = await listen(way);
    const { port } = listener.localAddr();
    const lookup = async () => [{ address: '127.0.0.1', family: 4 as const }];
    const a = connectSocket(loop, { host: 'a.example', port }, { lookup });
    const found: unknown[] = [];
    a.on('lookup', (...args: unknown[]) => found.push(args));
    await once(a, 'connect');
    expect(found).toEqual([[null, '127.0.0.1', 4, 'a.example']]);
    a.destroy();
  });
});

test('checks its arguments', () => {
  const loop = runningLoop(ways[0] as (typeof ways)[number]);
  const socket = new EvloopSocket(loop);
  expect(() => socket.setTimeout('1' as never)).toThrow(TypeError);
  expect(() => socket.setTimeout(-1)).toThrow(RangeError);
  expect(() => socket.connect(0, 'localhost')).toThrow('invalid port: 0');
  expect(isEvloopError(socket)).toBe(false);
});
