import { inspect } from 'node:util';
import { WouldBlock } from '@evloop/core';
import { describe, expect, it, vi } from 'vitest';
import { Chunk } from '../src/chunk.ts';
import { ByteQueue, TooLong } from '../src/index.ts';
import { endless, pattern, ScriptedSink, ScriptedSource } from './model.ts';

const text = (bytes: Uint8Array | undefined | symbol) =>
  typeof bytes === 'object' ? Buffer.from(bytes).toString('latin1') : bytes;
const bytes = (string: string) => Buffer.from(string, 'latin1');

describe('bounds', () => {
  it('takes what there is room for, and says how much', () => {
    const queue = new ByteQueue({ limit: 10 });
    expect(queue.append(bytes('abcdefg'))).toBe(7);
    expect(queue.append(bytes('hijkl'))).toBe(3);
    expect(queue.append(bytes('m'))).toBe(0);
    expect([queue.length, queue.room, queue.empty]).toEqual([10, 0, false]);
    expect(text(queue.take(10))).toBe('abcdefghij');
    expect([queue.length, queue.room, queue.empty]).toEqual([0, 10, true]);
  });

  it('copies what is appended: the bytes are the caller’s again', () => {
    const queue = new ByteQueue();
    const own = bytes('abc');
    queue.append(own, 1, 2);
    own.fill(0);
    expect(text(queue.peek())).toBe('bc');
  });

  it('says when to stop and when to go on', () => {
    const queue = new ByteQueue({ limit: 100, highWater: 40, lowWater: 10 });
    const states: string[] = [];
    const note = () =>
      states.push(
        `${queue.length} ${queue.aboveHighWater ? 'stop' : ''}${queue.belowLowWater ? 'go' : ''}`,
      );
    for (const size of [0, 10, 1, 28, 1]) {
      queue.append(pattern(size));
      note();
    }
    for (const size of [1, 28, 1, 10]) {
      queue.consume(size);
      note();
    }
    expect(states).toEqual([
      '0 go',
      '10 go',
      '11 ',
      '39 ',
      '40 stop',
      '39 ',
      '11 ',
      '10 go',
      '0 go',
    ]);
  });

  it.each([
    { limit: 0 },
    { limit: 1.5 },
    { limit: Number.NaN },
    { limit: 10, highWater: 11 },
    { highWater: 5, lowWater: 5 },
    { lowWater: -1 },
    { chunkSize: 0 },
  ])('refuses %o', (options) => {
    expect(() => new ByteQueue(options)).toThrow(RangeError);
  });

  it('refuses ranges that are outside', () => {
    const queue = new ByteQueue();
    queue.append(bytes('abc'));
    expect(() => queue.append(bytes('abc'), 2, 2)).toThrow(RangeError);
    expect(() => queue.append(bytes('abc'), -1)).toThrow(RangeError);
    expect(() => queue.append(bytes('abc'), 4)).toThrow(RangeError);
    expect(() => queue.append(bytes('abc'), 0.5)).toThrow(RangeError);
    expect(() => queue.append(bytes('abc'), 0, 1.5)).toThrow(RangeError);
    for (const size of [-1, 0.5, Number.NaN]) {
      expect(() => queue.peek(size)).toThrow(RangeError);
      expect(() => queue.take(size)).toThrow(RangeError);
      expect(() => new ByteQueue().peek(size === 0.5 ? -0.5 : size)).toThrow(RangeError);
    }
    for (const size of [4, -1, 0.5, Number.NaN]) {
      expect(() => queue.consume(size)).toThrow(RangeError);
    }
    expect(queue.length).toBe(3);
    expect(queue.take(4)).toBeUndefined();
  });
});

describe('fillFrom', () => {
  it('tells would-block, end, full and more apart', () => {
    const queue = new ByteQueue({ limit: 8 });
    const source = new ScriptedSource([bytes('ab'), WouldBlock, bytes('cdefghij'), bytes('k')]);
    expect([queue.fillFrom(source), text(queue.peek())]).toEqual(['would-block', 'ab']);
    expect([queue.fillFrom(source), text(queue.peek())]).toEqual(['full', 'abcdefgh']);
    expect(queue.fillFrom(source)).toBe('full');
    queue.consume(7);
    expect([queue.fillFrom(source, 2), text(queue.peek())]).toEqual(['more', 'hij']);
    expect([queue.fillFrom(source), text(queue.peek())]).toEqual(['end', 'hijk']);
    expect(queue.fillFrom(source)).toBe('end');
  });

  it('reads again after a short read, until the source says so', () => {
    const source = new ScriptedSource([bytes('a'), bytes('b'), WouldBlock]);
    expect(new ByteQueue().fillFrom(source)).toBe('would-block');
    expect(source.reads).toBe(3);
  });

  it('keeps what was read before an error', () => {
    const queue = new ByteQueue();
    const source = new ScriptedSource([bytes('abc')]);
    const failing = {
      read: (...args: Parameters<ScriptedSource['read']>) => {
        const size = source.read(...args);
        if (size === 0) throw new Error('ECONNRESET');
        return size;
      },
    };
    expect(() => queue.fillFrom(failing)).toThrow('ECONNRESET');
    expect(text(queue.peek())).toBe('abc');
  });

  it('reads large amounts in few and large pieces', () => {
    const queue = new ByteQueue({ limit: 0x100000 });
    const source = new ScriptedSource([pattern(0x100000)]);
    expect(queue.fillFrom(source)).toBe('full');
    expect(source.reads).toBeLessThan(30);
    expect(Buffer.compare(queue.peek(), pattern(0x100000))).toBe(0);
  });
});

describe('flushTo', () => {
  it('writes in order until empty or would-block, and forgets what was taken', () => {
    const queue = new ByteQueue({ chunkSize: 4 });
    queue.append(bytes('abcdefghij'));
    const sink = new ScriptedSink([3, 2, 0, 1, 100, 100, 100]);
    expect(queue.flushTo(sink)).toBe('would-block');
    expect(queue.length).toBe(6);
    expect(queue.flushTo(sink)).toBe('empty');
    expect(queue.flushTo(sink)).toBe('empty');
    expect(Buffer.from(sink.taken).toString()).toBe('abcdefghij');
  });

  it('gives several chunks to writev at once, and one chunk to write', () => {
    const queue = new ByteQueue({ chunkSize: 4 });
    queue.append(bytes('abcdefghij'));
    const sink = ScriptedSink.vectored([9, 100]);
    expect(queue.flushTo(sink)).toBe('empty');
    expect([sink.vectors, sink.writes]).toEqual([1, 2]);
    expect(Buffer.from(sink.taken).toString()).toBe('abcdefghij');
  });

  it('passes on an error, and keeps what was not taken', () => {
    const queue = new ByteQueue();
    queue.append(bytes('abc'));
    const sink = {
      write: () => {
        throw new Error('EPIPE');
      },
    };
    expect(() => queue.flushTo(sink)).toThrow('EPIPE');
    expect(queue.length).toBe(3);
  });
});

describe('taking', () => {
  it('takes lines across fragments, with either ending', () => {
    const queue = new ByteQueue({ chunkSize: 3 });
    queue.append(bytes('one\r\ntw'));
    expect([text(queue.takeLine()), queue.takeLine()]).toEqual(['one', undefined]);
    queue.append(bytes('o\n\n\r\nrest'));
    const lines = [queue.takeLine(), queue.takeLine(), queue.takeLine(), queue.takeLine()];
    expect(lines.map(text)).toEqual(['two', '', '', undefined]);
    expect(text(queue.peek())).toBe('rest');
  });

  it('takes up to and including a delimiter, and finds another one anew', () => {
    const queue = new ByteQueue();
    queue.append(bytes('a;b,c;'));
    expect(queue.takeUntil(0x21)).toBeUndefined();
    expect(text(queue.takeUntil(0x2c))).toBe('a;b,');
    expect(text(queue.takeUntil(0x3b))).toBe('c;');
  });

  it('returns TooLong for a line that is too long, complete or not, each time', () => {
    const queue = new ByteQueue();
    queue.append(bytes('abc\nabcd'));
    expect(text(queue.takeLine(3))).toBe('abc');
    expect(queue.takeLine(3)).toBe(TooLong);
    queue.append(bytes('\n'));
    expect(queue.takeLine(3)).toBe(TooLong);
    expect(queue.takeLine(3)).toBe(TooLong);
    expect(text(queue.takeLine(4))).toBe('abcd');
  });

  it('returns TooLong for a line that the queue could never hold', () => {
    const queue = new ByteQueue({ limit: 4 });
    queue.append(bytes('abc'));
    expect(queue.takeLine()).toBeUndefined();
    queue.append(bytes('d'));
    expect(queue.takeLine()).toBe(TooLong);
    queue.clear();
    queue.append(bytes('abc\n'));
    expect(text(queue.takeLine())).toBe('abc');
  });

  it.each([
    ['u8', [3]],
    ['u16be', [0, 3]],
    ['u16le', [3, 0]],
    ['u32be', [0, 0, 0, 3]],
    ['u32le', [3, 0, 0, 0]],
  ] as const)('takes frames with a length as %s', (prefix, length) => {
    const queue = new ByteQueue({ chunkSize: 2 });
    const frame = [...length, 0x61, 0x62, 0x63];
    for (const [i, byte] of frame.entries()) {
      expect(queue.takeFrame(prefix)).toBeUndefined();
      expect(queue.length).toBe(i);
      queue.append(Uint8Array.of(byte));
    }
    expect(text(queue.takeFrame(prefix))).toBe('abc');
    expect(queue.empty).toBe(true);
  });

  it('refuses frames that are too long, by the length alone', () => {
    const queue = new ByteQueue({ limit: 300 });
    queue.append(Uint8Array.of(0xff, 0xff, 0xff, 0xff));
    expect(queue.takeFrame('u32be')).toBe(TooLong);
    expect(queue.takeFrame('u16le')).toBe(TooLong);
    expect(queue.takeFrame('u8', 254)).toBe(TooLong);
    expect(queue.takeFrame('u8', 255)).toBeUndefined();
    expect(() => queue.takeFrame('u64be' as 'u8')).toThrow(RangeError);
  });

  it('hands out views that later bytes never change', () => {
    const queue = new ByteQueue();
    queue.append(bytes('first\n'));
    const line = queue.takeLine() as Uint8Array;
    const peeked = queue.peek();
    for (let i = 0; i < 100; i++) {
      queue.fillFrom(endless(), 1000);
      queue.clear();
    }
    expect([text(line), peeked.length]).toEqual(['first', 0]);
  });
});

describe('cost', () => {
  it('releases the memory of a burst', () => {
    const queue = new ByteQueue({ limit: 0x1000000 });
    expect(queue.allocated).toBe(0);
    queue.append(new Uint8Array(0x1000000));
    expect(queue.allocated).toBe(0x1000000);
    queue.consume(0xfff000);
    expect(queue.allocated).toBeLessThanOrEqual(0x10000);
    queue.append(new Uint8Array(100_000));
    queue.clear();
    expect(queue.allocated).toBeLessThanOrEqual(4096);
  });

  it.each([16, 1024, 4096, 65536])(
    'uses its memory, in blocks of %i, when every read brings a byte',
    (chunkSize) => {
      const queue = new ByteQueue({ chunkSize });
      for (let i = 0; i < 10000; i++) {
        queue.fillFrom(new ScriptedSource([pattern(1, i), WouldBlock]));
      }
      expect(queue.allocated).toBeLessThanOrEqual((10000 * 4) / 3 + chunkSize);
    },
  );

  it('holds little for a little', () => {
    const queue = new ByteQueue();
    for (let i = 0; i < 10000; i++) {
      queue.fillFrom(endless(), 100);
      expect(queue.allocated).toBeLessThanOrEqual(4096);
      queue.clear();
    }
  });

  it.each([
    ['a line that comes byte by byte', 1, 0x4000],
    ['many short lines at once', 0x40000, 16],
  ])('looks once at each byte of %s', (_, piece, length) => {
    const size = 0x40000;
    const all = new Uint8Array(size).fill(0x61);
    for (let end = length - 1; end < size; end += length) all[end] = 0x0a;
    let examined = 0;
    const { indexOf } = Chunk.prototype;
    const search = vi.spyOn(Chunk.prototype, 'indexOf').mockImplementation(function (
      this: Chunk,
      byte,
      from,
    ) {
      const found = indexOf.call(this, byte, from);
      examined += (found === -1 ? this.end : found + 1) - from;
      return found;
    });
    const queue = new ByteQueue({ limit: size, chunkSize: 1024 });
    let lines = 0;
    for (let i = 0; i < size; i += piece) {
      queue.append(all, i, piece);
      while (typeof queue.takeLine() === 'object') lines++;
    }
    search.mockRestore();
    expect([lines, examined]).toEqual([size / length, size]);
  });
});

it('prints its length and its bounds, not its bytes', () => {
  const queue = new ByteQueue({ limit: 10 });
  queue.append(bytes('secret'));
  expect(inspect(queue)).toBe('ByteQueue { length: 6, limit: 10, highWater: 10, lowWater: 2 }');
});
