import assert from 'node:assert/strict';
import { type StreamSocket, WouldBlock } from '@evloop/core';
import type { Context } from './context.ts';

/** More bytes, and more calls, than any backend takes from a writer whose reader does not read. */
const FAR_TOO_MUCH = 256 * 1024 * 1024;
const FAR_TOO_OFTEN = 10_000;

/** Returns the bytes of a text. */
export function bytes(text: string): Uint8Array {
  return new TextEncoder().encode(text);
}

/** Writes a few bytes. The stream must take them at once. */
export function writeAll(stream: StreamSocket<unknown>, data: Uint8Array | string): void {
  const buffer = typeof data === 'string' ? bytes(data) : data;
  assert.equal(stream.write(buffer), buffer.length, 'a few bytes are taken at once');
}

/** Reads until `WouldBlock` or the end. */
export function drain(
  stream: StreamSocket<unknown>,
  chunk = 65536,
): { data: Uint8Array; ended: boolean } {
  const parts: Uint8Array[] = [];
  const buffer = new Uint8Array(chunk);
  while (true) {
    const size = stream.read(buffer);
    if (size === WouldBlock || size === 0) return { data: Buffer.concat(parts), ended: size === 0 };
    parts.push(buffer.slice(0, size));
  }
}

/** Writes until `WouldBlock`, and returns the number of bytes taken. */
export function fill(
  stream: StreamSocket<unknown>,
  chunk: Uint8Array = new Uint8Array(65536),
): number {
  let total = 0;
  for (let calls = 0; total < FAR_TOO_MUCH && calls < FAR_TOO_OFTEN; calls++) {
    const size = stream.write(chunk);
    if (size === WouldBlock) return total;
    total += size;
  }
  return assert.fail(`write takes without bound: ${total} bytes, although the peer does not read`);
}

/** Reads `size` bytes. Waits for them, whether the stream is registered or not. */
export async function receive(
  context: Context,
  stream: StreamSocket<unknown>,
  size: number,
): Promise<Uint8Array> {
  const data = new Uint8Array(size);
  let done = 0;
  const all = (): boolean => {
    while (done < size) {
      const read = stream.read(data, done);
      if (read === WouldBlock) return false;
      assert.notEqual(read, 0, `the stream ended after ${done} of ${size} bytes`);
      done += read;
    }
    return true;
  };
  await context.until(`${size} bytes are received`, all);
  return data;
}

/** Reads `text`, waiting for it. */
export async function receiveText(
  context: Context,
  stream: StreamSocket<unknown>,
  text: string,
): Promise<void> {
  const data = await receive(context, stream, bytes(text).length);
  assert.equal(new TextDecoder().decode(data), text);
}

/** Waits until `stream` has something to read, and leaves it there. */
export async function arrival(
  context: Context,
  stream: StreamSocket<unknown>,
  size = 1,
): Promise<void> {
  const buffer = new Uint8Array(size);
  const there = (): boolean => stream.peek(buffer) === size;
  await context.until(`${size} bytes arrive`, there);
}

/** Resets the connection: the other end closes with unread data. */
export async function reset(
  context: Context,
  from: StreamSocket<unknown>,
  to: StreamSocket<unknown>,
): Promise<void> {
  writeAll(to, 'unread');
  await arrival(context, from);
  from.close();
}
