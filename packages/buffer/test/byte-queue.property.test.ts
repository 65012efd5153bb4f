import { WouldBlock } from '@evloop/core';
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { ByteQueue, type LengthPrefix, TooLong } from '../src/index.ts';
import { ScriptedSink, ScriptedSource } from './model.ts';

/** The queue as anybody would write it without a thought for cost: a plain array. */
interface Model {
  bytes: number[];
  limit: number;
  chunkSize: number;
}
type Step = fc.Command<Model, ByteQueue>;

// Few values, so that delimiters and length prefixes are met.
const byte = fc.constantFrom(0, 1, 2, 3, 9, 10, 13, 255);
const piece = fc
  .uint8Array({ maxLength: 40 })
  .chain((array) =>
    fc
      .array(byte, { minLength: array.length, maxLength: array.length })
      .map((all) => Uint8Array.from(all)),
  );

function step(name: string, run: (model: Model, queue: ByteQueue) => void): Step {
  return {
    check: () => true,
    run(model, queue) {
      run(model, queue);
      expect(queue.length).toBe(model.bytes.length);
      expect(queue.room).toBe(model.limit - model.bytes.length);
      expect(queue.aboveHighWater).toBe(model.bytes.length >= queue.highWater);
      expect(queue.belowLowWater).toBe(model.bytes.length <= queue.lowWater);
      // Three quarters of the memory are used, but for the first chunk, which is being consumed,
      // and the last, which is being filled.
      expect(queue.allocated).toBeLessThanOrEqual(
        (model.bytes.length * 4) / 3 + 2 * model.chunkSize,
      );
      expect([...queue.peek()]).toEqual(model.bytes);
    },
    toString: () => name,
  };
}

const plain = (result: Uint8Array | undefined | TooLong) =>
  typeof result === 'object' ? [...result] : result;

const append = piece.map((bytes) =>
  step(`append(${bytes})`, (model, queue) => {
    const size = Math.min(bytes.length, model.limit - model.bytes.length);
    expect(queue.append(bytes)).toBe(size);
    model.bytes.push(...bytes.subarray(0, size));
  }),
);

const fill = fc
  .tuple(
    fc.array(
      fc.oneof(
        piece.filter((p) => p.length > 0),
        fc.constant(WouldBlock),
      ),
    ),
    fc.nat(60),
  )
  .map(([script, most]) =>
    step(`fillFrom(${script.map(String).join(' | ')}, ${most})`, (model, queue) => {
      const source = new ScriptedSource(script);
      const result = queue.fillFrom(source, most);
      const stop = script.indexOf(WouldBlock);
      const before = (stop === -1 ? script : script.slice(0, stop)) as Uint8Array[];
      const offered = before.flatMap((part) => [...part]);
      const room = model.limit - model.bytes.length;
      const got = offered.slice(0, Math.min(most, room));
      model.bytes.push(...got);
      if (got.length === most) expect(result).toBe('more');
      else if (got.length === room) expect(result).toBe('full');
      else expect(result).toBe(stop === -1 ? 'end' : 'would-block');
    }),
  );

const flush = fc.tuple(fc.array(fc.nat(30)), fc.boolean()).map(([script, vectored]) =>
  step(`flushTo(${script}, ${vectored})`, (model, queue) => {
    const sink = vectored ? ScriptedSink.vectored(script) : new ScriptedSink(script);
    const result = queue.flushTo(sink);
    expect(sink.taken).toEqual(model.bytes.slice(0, sink.taken.length));
    model.bytes.splice(0, sink.taken.length);
    expect(result).toBe(model.bytes.length === 0 ? 'empty' : 'would-block');
  }),
);

const take = fc.nat(40).map((size) =>
  step(`take(${size})`, (model, queue) => {
    const enough = size <= model.bytes.length;
    expect(plain(queue.peek(size))).toEqual(model.bytes.slice(0, size));
    expect(plain(queue.take(size))).toEqual(enough ? model.bytes.slice(0, size) : undefined);
    if (enough) model.bytes.splice(0, size);
  }),
);

const consume = fc.nat(40).map((size) =>
  step(`consume(${size})`, (model, queue) => {
    if (size > model.bytes.length) expect(() => queue.consume(size)).toThrow(RangeError);
    else {
      queue.consume(size);
      model.bytes.splice(0, size);
    }
  }),
);

const until = fc
  .tuple(fc.constantFrom(10, 13, 255), fc.option(fc.nat(50)))
  .map(([delimiter, most]) =>
    step(`takeUntil(${delimiter}, ${most})`, (model, queue) => {
      const result = most === null ? queue.takeUntil(delimiter) : queue.takeUntil(delimiter, most);
      const found = model.bytes.indexOf(delimiter);
      const preceding = found === -1 ? model.bytes.length : found;
      if (preceding > (most ?? Number.POSITIVE_INFINITY)) expect(result).toBe(TooLong);
      else if (found !== -1) expect(plain(result)).toEqual(model.bytes.splice(0, found + 1));
      else expect(result).toBe(model.bytes.length === model.limit ? TooLong : undefined);
    }),
  );

const line = fc.constant(0).map(() =>
  step('takeLine()', (model, queue) => {
    const result = queue.takeLine();
    const found = model.bytes.indexOf(10);
    if (found === -1) {
      expect(result).toBe(model.bytes.length === model.limit ? TooLong : undefined);
      return;
    }
    const all = model.bytes.splice(0, found + 1);
    expect(plain(result)).toEqual(all.slice(0, all.at(-2) === 13 ? -2 : -1));
  }),
);

const frame = fc
  .tuple(
    fc.constantFrom<LengthPrefix>('u8', 'u16be', 'u16le', 'u32be', 'u32le'),
    fc.option(fc.nat(20)),
  )
  .map(([prefix, most]) =>
    step(`takeFrame(${prefix}, ${most})`, (model, queue) => {
      const result = queue.takeFrame(prefix, most ?? undefined);
      const size = Number(/\d+/.exec(prefix)?.[0]) / 8;
      if (model.bytes.length < size) return expect(result).toBeUndefined();
      const head = Buffer.from(model.bytes.slice(0, size));
      const length = prefix.endsWith('le') ? head.readUIntLE(0, size) : head.readUIntBE(0, size);
      if (length > (most ?? Number.POSITIVE_INFINITY) || size + length > model.limit) {
        expect(result).toBe(TooLong);
      } else if (model.bytes.length < size + length) expect(result).toBeUndefined();
      else expect(plain(result)).toEqual(model.bytes.splice(0, size + length).slice(size));
    }),
  );

it('does what a plain array does', () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 1, max: 200 }),
      fc.integer({ min: 1, max: 50 }),
      fc.commands([append, fill, flush, take, consume, until, line, frame], { maxCommands: 60 }),
      fc.tuple(fc.nat(100), fc.nat(100)),
      (limit, chunkSize, commands, [high, low]) => {
        const highWater = 1 + Math.floor((high / 100) * (limit - 1));
        const lowWater = Math.floor((low / 100) * (highWater - 1));
        const real = new ByteQueue({ limit, highWater, lowWater, chunkSize });
        fc.modelRun(() => ({ model: { bytes: [], limit, chunkSize }, real }), commands);
      },
    ),
    { numRuns: 1000 },
  );
});

it('never changes what it has handed out', () => {
  fc.assert(
    fc.property(fc.array(fc.tuple(piece, fc.nat(60)), { maxLength: 60 }), (steps) => {
      const queue = new ByteQueue({ limit: 300, chunkSize: 16 });
      const handedOut: { view: Uint8Array; copy: number[] }[] = [];
      for (const [bytes, size] of steps) {
        queue.append(bytes);
        for (const view of [queue.peek(), queue.take(size)]) {
          if (view !== undefined) handedOut.push({ view, copy: [...view] });
        }
      }
      for (const { view, copy } of handedOut) expect([...view]).toEqual(copy);
    }),
  );
});
