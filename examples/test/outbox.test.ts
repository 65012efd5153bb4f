import { type Registry, Token, type UnixStream, WouldBlock } from '@evloop/core';
import { expect, test } from 'vitest';
import { Outbox } from '../src/outbox.ts';
import type { Client } from '../src/stream-service.ts';

const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);

/** A stream that takes as many bytes as there is `room`, and an outbox before it. */
function setUp(): { stream: { room: number; sent: string }; outbox: Outbox } {
  const stream = {
    room: 0,
    sent: '',
    write(buffer: Uint8Array, offset = 0, length = buffer.length - offset): number | WouldBlock {
      const size = Math.min(stream.room, length);
      if (size === 0 && length > 0) return WouldBlock;
      stream.room -= size;
      stream.sent += new TextDecoder().decode(buffer.subarray(offset, offset + size));
      return size;
    },
    writev(buffers: readonly Uint8Array[]): number | WouldBlock {
      let total = 0;
      for (const buffer of buffers) {
        const size = stream.write(buffer);
        if (size === WouldBlock) return total || WouldBlock;
        total += size;
        if (size < buffer.length) break;
      }
      return total;
    },
  };
  const client: Pick<Client, 'stream' | 'token' | 'registry'> = {
    stream: stream as unknown as UnixStream,
    token: Token(1),
    registry: { reregister: () => {} } as unknown as Registry,
  };
  return { stream, outbox: new Outbox(client, { limit: 1024 }) };
}

test('what is sent does not pass what is queued, although there is room again', () => {
  const { stream, outbox } = setUp();
  stream.room = 3;
  expect(outbox.send(bytes('abcdef'), 0, 6)).toBe(true);
  expect(stream.sent).toBe('abc');
  stream.room = 100;
  expect(outbox.send(bytes('ghi'), 0, 3)).toBe(true);
  expect(stream.sent).toBe('abc');
  expect(outbox.flush()).toBe(true);
  expect(stream.sent).toBe('abcdefghi');
  expect(outbox.send(bytes('jkl'), 1, 2)).toBe(true);
  expect(stream.sent).toBe('abcdefghikl');
});
