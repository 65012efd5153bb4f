import { WouldBlock } from '@evloop/core';
import { describe, expect, it } from 'vitest';
import { ByteQueue, type TooLong } from '../src/index.ts';
import { ScriptedSource } from './model.ts';

const bytes = (string: string) => Buffer.from(string, 'latin1');
const text = (result: Uint8Array | undefined | TooLong) =>
  typeof result === 'object' ? Buffer.from(result).toString('latin1') : result;

describe('a search', () => {
  it('of an empty queue finds nothing', () => {
    expect(new ByteQueue().takeLine()).toBeUndefined();
    const emptied = new ByteQueue();
    emptied.append(bytes('abc'));
    emptied.takeUntil(0x0a);
    emptied.clear();
    expect(emptied.takeLine()).toBeUndefined();
  });

  it('of a long piece finds what is there, and nothing else', () => {
    const queue = new ByteQueue();
    queue.append(bytes(`ab${'x'.repeat(200)}`));
    queue.consume(2);
    expect(queue.takeLine()).toBeUndefined();
    queue.append(bytes('y'.repeat(200)));
    expect(queue.takeLine()).toBeUndefined();
    queue.append(bytes('\n'));
    expect(text(queue.takeLine())).toBe(`${'x'.repeat(200)}${'y'.repeat(200)}`);
    queue.clear();
    queue.append(bytes(`a\n${'x'.repeat(200)}`));
    expect(text(queue.takeLine())).toBe('a');
  });

  it('does not look at the room behind the bytes of a piece', () => {
    const queue = new ByteQueue({ chunkSize: 16 });
    queue.append(bytes('x'.repeat(14)));
    queue.fillFrom(new ScriptedSource([bytes('ab\0'), WouldBlock]));
    expect(text(queue.takeUntil(0))).toBe(`${'x'.repeat(14)}ab\0`);
  });

  it('goes on behind what was searched when bytes before it are taken', () => {
    const queue = new ByteQueue();
    queue.append(bytes('abcdef'));
    expect(queue.takeLine()).toBeUndefined();
    queue.consume(2);
    queue.append(bytes('g\n'));
    expect(text(queue.takeLine())).toBe('cdefg');
  });
});

describe('memory', () => {
  it('is kept by an empty queue, a small piece at the most', () => {
    const queue = new ByteQueue();
    queue.append(bytes('a'));
    queue.clear();
    expect(queue.allocated).toBe(4096);
    const larger = new ByteQueue();
    larger.append(new Uint8Array(5000));
    larger.clear();
    expect(larger.allocated).toBe(0);
  });

  it('is filled before more is allocated', () => {
    const queue = new ByteQueue({ chunkSize: 16 });
    queue.append(new Uint8Array(12));
    queue.fillFrom(new ScriptedSource([new Uint8Array(4), WouldBlock]), 4);
    expect([queue.length, queue.allocated]).toEqual([16, 16]);
  });

  it('is allocated for what is left', () => {
    const queue = new ByteQueue();
    queue.append(new Uint8Array(4086));
    queue.append(new Uint8Array(8000));
    expect(queue.allocated).toBe(4096 + 7990);
  });
});

describe('writev', () => {
  it('gets 64 views at the most, and none that is empty', () => {
    const queue = new ByteQueue({ chunkSize: 4 });
    queue.append(new Uint8Array(4 * 100));
    queue.fillFrom(new ScriptedSource([WouldBlock]));
    const counts: number[] = [];
    queue.flushTo({
      write: (_, __, length) => length,
      writev(views) {
        counts.push(views.length);
        expect(views.every((view) => view.length > 0)).toBe(true);
        return views.reduce((sum, view) => sum + view.length, 0);
      },
    });
    expect(counts).toEqual([64, 36]);
  });
});

describe('messages', () => {
  it('name the argument, its value and the valid range', () => {
    const queue = new ByteQueue();
    expect(() => new ByteQueue({ limit: 5, highWater: 6, lowWater: 1 })).toThrow(
      'invalid lowWater, highWater, limit: 1, 6, 5 (expected integers, 0 ≤ lowWater < highWater ≤ limit)',
    );
    expect(() => new ByteQueue({ chunkSize: 0 })).toThrow(
      'invalid chunkSize: 0 (expected an integer from 1)',
    );
    expect(() => queue.append(bytes('abc'), 2, 5)).toThrow(
      'invalid range: 5 bytes at offset 2 (expected a range within 3 bytes)',
    );
    expect(() => queue.peek(-1)).toThrow('invalid length: -1 (expected an integer from 0)');
    expect(() => queue.consume(1)).toThrow('invalid length: 1 (expected an integer from 0 to 0)');
    expect(() => queue.takeFrame('u64' as never)).toThrow('u8, u16be, u16le, u32be, u32le');
  });

  it('append takes what follows the offset', () => {
    const queue = new ByteQueue();
    expect(queue.append(bytes('abc'), 1)).toBe(2);
    expect(text(queue.take(2))).toBe('bc');
  });
});
