import { Interest, Readiness, type Source, type UnixStream, WouldBlock } from '@evloop/core';
import { expect, it } from 'vitest';
import { Outbox } from '../src/index.ts';
import { bytes, code, loopOf, ways } from './fixture.ts';

const [way] = ways;
if (way === undefined) throw new Error('no backend');

/** A stream that takes as many bytes as there is `room`. */
class Narrow implements Source {
  room = 0;
  sent = '';
  ended = false;
  interests: number[] = [];
  readonly #readiness = new Readiness(this);
  register(...args: Parameters<Source['register']>): void {
    this.#readiness.register(...args);
  }
  reregister(...args: Parameters<Source['reregister']>): void {
    this.interests.push(args[2]);
    this.#readiness.reregister(...args);
  }
  deregister(...args: Parameters<Source['deregister']>): void {
    this.#readiness.deregister(...args);
  }
  write(buffer: Uint8Array, offset = 0, length = buffer.length - offset): number | WouldBlock {
    const size = Math.min(this.room, length);
    if (size === 0 && length > 0) return WouldBlock;
    this.room -= size;
    this.sent += new TextDecoder().decode(buffer.subarray(offset, offset + size));
    return size;
  }
  shutdown(): void {
    this.ended = true;
  }
}

function setUp(options = {}) {
  const stream = new Narrow();
  const loop = loopOf(way as NonNullable<typeof way>);
  const attachment = loop.attach(stream, Interest.READABLE, () => {});
  const outbox = new Outbox(attachment, stream as unknown as UnixStream, options);
  return { stream, outbox };
}

it('what is sent does not pass what is queued, although there is room again', () => {
  const { stream, outbox } = setUp();
  stream.room = 3;
  expect(outbox.send(bytes('abcdef'))).toBe('queued');
  expect([stream.sent, outbox.bufferedAmount]).toEqual(['abc', 3]);
  stream.room = 100;
  expect(outbox.send(bytes('ghi'))).toBe('queued');
  expect(stream.sent).toBe('abc');
  expect(outbox.flush()).toBe(true);
  expect(stream.sent).toBe('abcdefghi');
  expect(outbox.send(bytes('jkl'), 1, 2)).toBe('sent');
  expect(stream.sent).toBe('abcdefghikl');
});

it('asks for writable only while something is queued on a stream that is not TCP', () => {
  const { stream, outbox } = setUp();
  const { READABLE, WRITABLE } = Interest;
  expect(outbox.send(bytes('abc'))).toBe('queued');
  stream.room = 100;
  outbox.flush();
  expect(stream.interests).toEqual([READABLE | WRITABLE, READABLE]);
});

it('needs to drain from the high-water mark down to the low one', () => {
  const { stream, outbox } = setUp({ highWater: 10, lowWater: 4, limit: 20 });
  expect(outbox.needsDrain).toBe(false);
  outbox.send(bytes('123456789'));
  expect(outbox.needsDrain).toBe(false);
  outbox.send(bytes('0'));
  expect(outbox.needsDrain).toBe(true);
  stream.room = 5;
  outbox.flush();
  expect([outbox.bufferedAmount, outbox.needsDrain]).toEqual([5, true]);
  stream.room = 1;
  outbox.flush();
  expect([outbox.bufferedAmount, outbox.needsDrain]).toEqual([4, false]);
});

it('takes nothing of what has no room', () => {
  const { outbox } = setUp({ highWater: 4, lowWater: 1, limit: 8 });
  expect(outbox.send(bytes('12345678'))).toBe('queued');
  expect(outbox.send(bytes('9'))).toBe('overflow');
  expect(outbox.post(bytes('9'))).toBe('overflow');
  expect(outbox.bufferedAmount).toBe(8);
});

it('ends the stream once everything is sent, and takes nothing after that', () => {
  const { stream, outbox } = setUp();
  outbox.send(bytes('abc'));
  outbox.end();
  expect([stream.ended, outbox.ended]).toEqual([false, true]);
  stream.room = 100;
  outbox.flush();
  expect([stream.sent, stream.ended]).toEqual(['abc', true]);
  expect(code(() => outbox.send(bytes('d')))).toBe('EVLOOP_CLOSED');
});

it('resolves its drained promises by threshold, and rejects those whose signal aborts', async () => {
  const { stream, outbox } = setUp();
  outbox.send(bytes('abcdef'));
  const abort = new AbortController();
  const [half, all] = [outbox.drained({ threshold: 3 }), outbox.drained()];
  const given = outbox.drained({ signal: abort.signal });
  abort.abort(new Error('enough'));
  await expect(given).rejects.toThrow('enough');
  stream.room = 3;
  outbox.flush();
  await half;
  outbox.closed(new Error('gone'));
  await expect(all).rejects.toThrow('gone');
});
