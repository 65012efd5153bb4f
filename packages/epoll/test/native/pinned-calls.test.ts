import { describe, expect, test } from 'vitest';
import { PIN_WORDS, sharedWords } from '../../src/native/binding.ts';
import { awaitEvents, receive, transmit } from '../../src/native/message-calls.ts';
import { bytes, c, native, pair, text, watched } from './raw-descriptors.ts';

/** How often the native layer noted the memory of an array to read into. */
const notes = (): number => sharedWords[PIN_WORDS.reading] as number;

/** ES2024, which is newer than the compiler's target. */
function resizable(length: number, maxByteLength: number) {
  const Buffer = ArrayBuffer as unknown as new (length: number, options: object) => ArrayBuffer;
  return new Buffer(length, { maxByteLength }) as ArrayBuffer & { resize(length: number): void };
}

describe('calls without arguments', () => {
  test('an array is passed once, and its later ranges need no arguments', () => {
    const [left, right] = pair();
    const out = bytes('abcdef');
    const room = new Uint8Array(8);
    expect(transmit(left, out, 0, 6, 0)).toBe(6);
    expect(receive(right, room, 0, 2, 0)).toBe(2);
    const before = notes();
    expect(receive(right, room, 4, 3, 0)).toBe(3);
    expect(receive(right, room, 7, 1, 0)).toBe(1);
    expect(receive(right, room, 0, 8, 0)).toBe(-c.EAGAIN);
    expect(notes()).toBe(before);
    expect(text(room, 0, 8)).toBe('ab\0\0cdef');
  });

  test('events are awaited in the array of the call before', () => {
    const [left, right] = pair();
    const epfd = watched(left, c.EPOLLIN);
    const events = new Uint8Array(64);
    expect(awaitEvents(epfd, events, 64, 0)).toBe(0);
    native.write(right, bytes('x'), 0, 1);
    expect(awaitEvents(epfd, events, 64, 1000)).toBe(1);
  });

  test('a range outside the array is rejected, and nothing is read', () => {
    const [left, right] = pair();
    native.write(left, bytes('x'), 0, 1);
    const room = new Uint8Array(8);
    expect(receive(right, room, 0, 8, c.MSG_PEEK)).toBe(1);
    for (const [offset, length] of [
      [0, 9],
      [8, 1],
      [0x7fffffff, 0x7fffffff],
    ] as const) {
      expect(() => receive(right, room, offset, length, 0)).toThrow(RangeError);
    }
    expect(receive(right, room, 0, 8, 0)).toBe(1);
  });

  test('an array that lost its memory is rejected', () => {
    const [left, right] = pair();
    native.write(left, bytes('x'), 0, 1);
    const room = new Uint8Array(8);
    expect(receive(right, room, 0, 8, c.MSG_PEEK)).toBe(1);
    structuredClone(room.buffer, { transfer: [room.buffer] });
    expect(() => receive(right, room, 0, 8, 0)).toThrow(TypeError);
    // The property is the program's and says nothing about the memory.
    Object.defineProperty(room, 'length', { value: 8 });
    expect(() => receive(right, room, 0, 8, 0)).toThrow(TypeError);
  });

  test('an array that shrank is rejected beyond its end', () => {
    const [left, right] = pair();
    native.write(left, bytes('x'), 0, 1);
    const buffer = resizable(8, 16);
    const room = new Uint8Array(buffer);
    expect(receive(right, room, 0, 8, c.MSG_PEEK)).toBe(1);
    buffer.resize(4);
    expect(() => receive(right, room, 0, 8, 0)).toThrow(RangeError);
    buffer.resize(16);
    expect(receive(right, room, 0, 16, 0)).toBe(1);
  });

  test('memory that another user of the layer had noted is not used', () => {
    const [left, right] = pair();
    native.write(left, bytes('xy'), 0, 2);
    const ours = new Uint8Array(8);
    expect(receive(right, ours, 0, 1, 0)).toBe(1);
    const theirs = new Uint8Array(8);
    sharedWords.set([right, 0, 1, c.MSG_PEEK]);
    expect(native.recv(theirs)).toBe(1);
    expect(receive(right, ours, 1, 1, 0)).toBe(1);
    expect([text(ours, 0, 2), text(theirs, 0, 2)]).toEqual(['xy', 'y\0']);
  });

  test('new words forget the noted memory', () => {
    const [left, right] = pair();
    native.write(left, bytes('x'), 0, 1);
    const room = new Uint8Array(8);
    expect(receive(right, room, 0, 8, c.MSG_PEEK)).toBe(1);
    expect(native.share(sharedWords)).toBe(0);
    sharedWords.set([right, 0, 8, 0]);
    expect(() => native.recv()).toThrow(RangeError);
  });
});
