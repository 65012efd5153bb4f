import { once } from 'node:events';
import type { ReadableStream } from 'node:stream/web';
import { describe, expect, test } from 'vitest';
import { toDuplex, toWeb } from '../src/index.ts';
import { atEnd, listen, runningLoop, streamPair, textOf, type Way, ways } from './fixture.ts';

const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);

async function webAndSocket(way: Way) {
  const pair = await streamPair(way);
  const { loop } = pair;
  const web = toWeb(pair.a, loop);
  const b = toDuplex(pair.b, loop, { allowHalfOpen: true });
  atEnd(() => b.destroy());
  return { loop, web, b };
}

async function webText(readable: ReadableStream<Uint8Array>): Promise<string> {
  return textOf(readable);
}

describe.each(ways)('toWeb on $name', (way) => {
  test('tells its addresses and carries bytes both ways', async () => {
    const { web, b } = await webAndSocket(way);
    expect(await web.opened).toEqual({
      remoteAddress: `127.0.0.1:${b.localPort}`,
      localAddress: `127.0.0.1:${b.remotePort}`,
    });
    const writer = web.writable.getWriter();
    await writer.write(bytes('from a'));
    b.end('from b');
    expect(await webText(web.readable)).toBe('from b');
    await writer.close();
    expect(await textOf(b)).toBe('from a');
    await web.closed;
  });

  test('stays writable after the end of the peer, and readable after its own', async () => {
    const { web, b } = await webAndSocket(way);
    b.end();
    expect(await webText(web.readable)).toBe('');
    const writer = web.writable.getWriter();
    await writer.write(bytes('still there'));
    await writer.close();
    expect(await textOf(b)).toBe('still there');
    await web.closed;
    const other = await webAndSocket(way);
    await other.web.writable.close();
    await once(other.b.resume(), 'end');
    other.b.end('later');
    expect(await webText(other.web.readable)).toBe('later');
  });

  test('reads only what is asked for', async () => {
    const { web, b } = await webAndSocket(way);
    let written = false;
    b.write(Buffer.alloc(32 * 1024 * 1024), () => {
      written = true;
    });
    await new Promise((resolve) => setTimeout(resolve, 20));
    expect(written).toBe(false);
    const reader = web.readable.getReader();
    const { value } = await reader.read();
    expect(value?.length).toBeLessThanOrEqual(65536);
    b.destroy();
    await reader.cancel();
    await web.close().catch(() => {});
  });

  test('reads into the buffer of the reader', async () => {
    const { web, b } = await webAndSocket(way);
    b.write('hello');
    const reader = web.readable.getReader({ mode: 'byob' });
    const { value } = await reader.read(new Uint8Array(3));
    expect(Buffer.from(value as Uint8Array).toString()).toBe('hel');
    const rest = await reader.read(new Uint8Array(10));
    expect(Buffer.from(rest.value as Uint8Array).toString()).toBe('lo');
    b.end();
    expect((await reader.read(new Uint8Array(10))).done).toBe(true);
    await web.close();
  });

  test('lets a writer wait while the peer does not read', async () => {
    const { web, b } = await webAndSocket(way);
    const writer = web.writable.getWriter();
    writer.closed.catch(() => {});
    const written = writer.write(new Uint8Array(32 * 1024 * 1024));
    let isReady = false;
    const ready = writer.ready.then(() => {
      isReady = true;
    });
    await new Promise((resolve) => setTimeout(resolve, 20));
    expect(isReady).toBe(false);
    b.resume();
    await Promise.all([written, ready]);
    await web.close();
  });

  test('fails a pending write and resolves closed when it is closed', async () => {
    const { web } = await webAndSocket(way);
    const writer = web.writable.getWriter();
    writer.closed.catch(() => {});
    const written = writer.write(new Uint8Array(32 * 1024 * 1024));
    const failed = expect(written).rejects.toMatchObject({ code: 'ERR_STREAM_DESTROYED' });
    await new Promise((resolve) => setImmediate(resolve));
    await web.close();
    await failed;
    expect(await webText(web.readable)).toBe('');
  });

  test('rejects everything with the reason of an abort', async () => {
    const { web, b } = await webAndSocket(way);
    const reason = new Error('mine');
    await web.writable.abort(reason);
    await expect(web.closed).rejects.toBe(reason);
    await expect(webText(web.readable)).rejects.toBe(reason);
    b.resume().end();
  });

  test('refuses chunks that are not bytes', async () => {
    const { web } = await webAndSocket(way);
    const writer = web.writable.getWriter();
    writer.closed.catch(() => {});
    await expect(writer.write('text' as never)).rejects.toThrow('invalid chunk');
    await web.close();
  });

  test('rejects opened when the connection fails', async () => {
    const loop = runningLoop(way);
    const listener = await listen(way);
    const address = listener.localAddr();
    listener.close();
    await expect(
      (async () => {
        await toWeb(way.backend.TcpStream.connect(address), loop).opened;
      })(),
    ).rejects.toMatchObject({ code: 'ECONNREFUSED' });
  });
});
