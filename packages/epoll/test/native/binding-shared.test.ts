import { describe, expect, test } from 'vitest';
import { MESSAGE_WORDS, NAME_SIZE, WORDS } from '../../src/native/binding.ts';
import { passes, run } from './native-process.ts';
import {
  batchOf,
  bytes,
  c,
  datagrams,
  detached,
  ipv4,
  nameLength,
  native,
  pair,
  portIn,
  portOf,
  text,
  watched,
} from './raw-descriptors.ts';

const CALLS = ['recv', 'recvfrom', 'send', 'sendto'] as const;

/** Words that the native layer uses from now on, and the name behind them. */
function share(): { words: Int32Array; name: Uint8Array<ArrayBuffer> } {
  const size = 4 * (WORDS + MESSAGE_WORDS) + NAME_SIZE;
  const words = new Int32Array(new SharedArrayBuffer(size));
  expect(native.share(words)).toBe(0);
  const name = new Uint8Array(words.buffer as unknown as ArrayBuffer, 4 * WORDS, NAME_SIZE);
  return { words, name };
}

describe('arguments in shared words', () => {
  test('until arguments are shared, a call with only its buffer is rejected', async () => {
    const script = `for (const call of ${JSON.stringify(CALLS)}) {
      try { native[call](byte); } catch (error) { console.log(error.name, error.message); }
    }`;
    const line = 'RangeError argument 1: nothing is shared';
    expect(await run(script)).toEqual(passes([line, line, line, line].join('\n')));
  });

  test('bytes are sent and received as if all had been said', () => {
    const [left, right] = pair();
    const { words } = share();
    words.set([left, 1, 4, 0]);
    expect(native.send(bytes('abcdef'))).toBe(4);
    const room = new Uint8Array(8);
    words.set([right, 2, 6, c.MSG_PEEK]);
    expect(native.recv(room)).toBe(4);
    words.set([right, 3, 3, 0]);
    expect(native.recv(room)).toBe(3);
    expect([...room]).toEqual([0, 0, 98, ...bytes('bcd'), 0, 0]);
    words.set([right, 0, 8, 0]);
    expect([native.recv(room), native.recv(room)]).toEqual([1, -c.EAGAIN]);
    words[0] = -1;
    for (const call of CALLS) expect(native[call](room)).toBe(-c.EBADF);
  });

  test('names are read and written where the words end', () => {
    const [here, there] = [datagrams(), datagrams()];
    const { words, name } = share();
    name.set(ipv4(portOf(there)));
    words.set([here, 0, 5, 0]);
    expect(native.sendto(bytes('hello'))).toBe(5);
    name.fill(255);
    const buffer = new Uint8Array(3);
    words.set([there, 0, 3, c.MSG_TRUNC]);
    expect(native.recvfrom(buffer)).toBe(5);
    expect(text(buffer, 0, 3)).toBe('hel');
    const copy = name.slice();
    expect([nameLength(copy), portIn(copy)]).toEqual([16, portOf(here)]);
    expect(native.recvfrom(buffer)).toBe(-c.EAGAIN);
    name.fill(0);
    words.set([here, 0, 3, 0]);
    expect(native.sendto(buffer)).toBe(-c.EDESTADDRREQ);
  });

  test('whatever the words say, nothing outside of the array and of the name is touched', () => {
    const [left] = pair();
    const { words, name } = share();
    const array = new Uint8Array(8);
    const ranges = [
      [9, 0],
      [0, 9],
      [8, 1],
      [-1, 1],
      [1, -1],
      [-8, 8],
    ];
    for (const call of CALLS) {
      for (const [offset, length] of ranges) {
        words.set([left, offset as number, length as number, 0]);
        expect(() => native[call](array)).toThrow(RangeError);
      }
      words.set([left, 0, 8, 0]);
      for (const wrong of [undefined, 1, {}, new Int8Array(8), detached(new Uint8Array(8))]) {
        expect(() => native[call](wrong as Uint8Array)).toThrow(TypeError);
      }
    }
    words.set([left, 0, 8, 0x4000000]); // MSG_ZEROCOPY
    for (const call of ['send', 'sendto'] as const) {
      expect(() => native[call](array)).toThrow(RangeError);
    }
    words[3] = 0;
    for (const length of [129, 2 ** 31, 2 ** 32 - 1]) {
      new Uint32Array(words.buffer)[WORDS] = length;
      expect(() => native.sendto(array)).toThrow(RangeError);
    }
    name.fill(0);
    expect(native.send(array)).toBe(8);
  });

  test('events are awaited as if all had been said', () => {
    const [left, right] = pair();
    const epfd = watched(left, c.EPOLLIN);
    const { words } = share();
    const events = new Uint8Array(64);
    words.set([epfd, 0, 64, 0]);
    expect(native.epollWait(events)).toBe(0);
    native.write(right, bytes('x'), 0, 1);
    words.set([epfd, 4, 60, -1]);
    expect(native.epollWait(events)).toBe(1);
    expect(new Uint32Array(events.buffer)[1]).toBe(c.EPOLLIN);
    words.set([epfd, 60, 5, 0]);
    expect(() => native.epollWait(events)).toThrow(RangeError);
  });

  test('no other call takes a buffer alone', () => {
    const { words } = share();
    const calls: readonly string[] = [
      ...CALLS,
      'read',
      'write',
      'epollWait',
      'recvmmsg',
      'recvmsg',
      'sendmmsg',
      'sendmsg',
      'corkWait',
      'corkCopy',
    ];
    for (const [name, call] of Object.entries(native)) {
      if (name === 'constants' || name === 'share') continue;
      words.set([-1, 0, 0, 0]);
      const alone = () => (call as (buffer: Uint8Array) => number)(batchOf(1, 4).memory);
      if (calls.includes(name)) expect(alone(), name).toBe(-c.EBADF);
      else if (!['epollCreate1', 'timerfdCreate', 'ioUringProbe'].includes(name))
        expect(alone, name).toThrow(TypeError);
    }
  });

  test('other words take the place of the first ones', () => {
    const [left, right] = pair();
    const { words: first } = share();
    first[0] = -1;
    const { words } = share();
    words.set([left, 0, 1, 0]);
    expect(native.send(bytes('x'))).toBe(1);
    expect(first[0]).toBe(-1);
    words[0] = right;
    expect(native.recv(new Uint8Array(1))).toBe(1);
  });
});
