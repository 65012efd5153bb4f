import { describe, expect, test } from 'vitest';
import { MESSAGE_WORDS, NAME_SIZE } from '../../src/native/binding.ts';
import {
  batchOf,
  bytes,
  c,
  datagrams,
  int,
  ipv4,
  littleEndian,
  nameLength,
  native,
  nothing,
  portIn,
  portOf,
  text,
} from './raw-descriptors.ts';

/** The words of a message that is to be cut. */
function segments(size: number): Uint32Array {
  const words = new Uint32Array(MESSAGE_WORDS);
  words[3] = size;
  return words;
}

describe('datagrams', () => {
  test('sendto and recvfrom, with the size of what was cut off', () => {
    const here = datagrams();
    const there = datagrams();
    expect(native.sendto(here, bytes('x'), 0, 1, 0, nothing)).toBe(-c.EDESTADDRREQ);
    expect(native.sendto(here, bytes('hello'), 0, 5, 0, ipv4(portOf(there)))).toBe(5);
    const name = new Uint8Array(NAME_SIZE);
    const buffer = new Uint8Array(3);
    expect(native.recvfrom(there, buffer, 0, 3, c.MSG_TRUNC, name)).toBe(5);
    expect(text(buffer, 0, 3)).toBe('hel');
    expect(portIn(name)).toBe(portOf(here));
    expect(native.recvfrom(there, buffer, 0, 3, 0, name)).toBe(-c.EAGAIN);
  });

  test('single messages are sent to a name or without one, and described', () => {
    const here = datagrams();
    const there = datagrams();
    const { memory, meta } = batchOf(1, 3);
    meta.fill(9);
    const receive = (flags = 0) => native.recvmmsg(there, memory, 0, 1, flags);
    expect(receive()).toBe(-c.EAGAIN);
    expect(native.sendmsg(here, bytes('hello'), 0, 5, 0, ipv4(portOf(there)), segments(0))).toBe(5);
    expect(receive(c.MSG_TRUNC)).toBe(1);
    expect([...meta.subarray(0, 5)]).toEqual([3, c.MSG_TRUNC, 0, 0, 0]);
    native.connect(here, ipv4(portOf(there)));
    expect(native.sendmsg(here, nothing, 0, 0, 0, nothing, segments(0))).toBe(0);
    expect(receive()).toBe(1);
    expect([...meta.subarray(0, 5)]).toEqual([0, 0, 0, 0, 0]);
    expect(() => native.sendmsg(here, bytes('x'), 0, 1, 0, nothing, segments(65536))).toThrow(
      RangeError,
    );
  });

  test('batches go both ways', () => {
    const here = datagrams();
    const there = datagrams();
    const stride = c.NAME_STRIDE;
    const incoming = batchOf(1024, 4);
    const { meta, names } = incoming;
    expect(native.recvmmsg(there, incoming.memory, 0, 1024, 0)).toBe(-c.EAGAIN);

    const outgoing = batchOf(4, 3);
    outgoing.slots.set(bytes('onetwothree'));
    for (const [i, [offset, length]] of [
      [0, 0],
      [0, 3],
      [3, 3],
      [6, 5],
    ].entries()) {
      outgoing.meta.set([offset as number, length as number, 1, 0], i * c.META_STRIDE);
      outgoing.names.set(ipv4(portOf(there), stride), i * stride);
    }
    expect(native.sendmmsg(here, outgoing.memory, 1, 3, 0)).toBe(3);
    expect(native.recvmmsg(there, incoming.memory, 0, 1024, 0)).toBe(3);
    expect(text(incoming.slots, 0, 12)).toBe('one\0two\0thre');
    expect([meta[0], meta[1], meta[2 * c.META_STRIDE], meta[2 * c.META_STRIDE + 1]]).toEqual([
      3,
      0,
      4,
      c.MSG_TRUNC,
    ]);
    for (let i = 0; i < 3; i++) {
      expect(nameLength(names.slice(), i * stride)).toBe(16);
      expect(portIn(names.slice(), i * stride)).toBe(portOf(here));
    }
    outgoing.meta.set([0, 1, 0, 0]);
    expect(native.sendmmsg(here, outgoing.memory, 0, 1, 0)).toBe(-c.EDESTADDRREQ);
    native.connect(here, ipv4(portOf(there)));
    expect(native.sendmmsg(here, outgoing.memory, 0, 1, 0)).toBe(1);
    expect(native.sendmmsg(here, outgoing.memory, 0, 0, 0)).toBe(0);
  });

  test('a batch is received into where it is told, and each batch into its own', () => {
    const here = datagrams();
    const there = datagrams();
    const to = ipv4(portOf(there));
    const batches = [batchOf(4, 8), batchOf(4, 8), batchOf(4, 4), batchOf(8, 4)];
    const words = batches.map(({ memory, slots, meta }, i) => {
      for (let j = 0; j < 3; j++) native.sendto(here, bytes(`m${i}${j}`), 0, 3, 0, to);
      expect(native.recvmmsg(there, memory, 1, 2, 0)).toBe(2);
      expect(native.recvmmsg(there, memory, 3, 1, 0)).toBe(1);
      const slot = new Uint32Array(memory.buffer)[1] as number;
      expect(meta[0]).toBe(0);
      return [1, 2, 3].map((at) => text(slots, at * slot, at * slot + 3));
    });
    expect(words).toEqual([0, 1, 2, 3].map((i) => [`m${i}0`, `m${i}1`, `m${i}2`]));
  });

  test('batches stay inside their memory', () => {
    const fd = datagrams();
    const stride = c.NAME_STRIDE;
    const { memory } = batchOf(2, 4);
    const calls = ['recvmmsg', 'sendmmsg'] as const;
    expect(native.recvmmsg(fd, memory, 0, 2, 0)).toBe(-c.EAGAIN);
    expect(native.recvmmsg(fd, batchOf(2, 0).memory, 0, 2, 0)).toBe(-c.EAGAIN);
    for (const call of calls) {
      for (const [first, count] of [
        [0, 3],
        [2, 1],
        [3, 0],
        [1, 2],
        [2 ** 32 - 1, 1],
        [1, 2 ** 32 - 1],
      ] as const) {
        expect(() => native[call](fd, memory, first, count, 0)).toThrow(RangeError);
      }
      for (const says of [
        { capacity: 3, slot: 4 },
        { capacity: 2, slot: 5 },
        { capacity: 2, slot: 2 ** 31 },
        { capacity: 2 ** 32 - 1, slot: 2 ** 32 - 1 },
        { capacity: 1025, slot: 0 },
      ]) {
        const wrong = says.capacity === 1025 ? batchOf(1025, 0) : batchOf(2, 4, says);
        expect(() => native[call](fd, wrong.memory, 0, 1, 0)).toThrow(RangeError);
      }
      expect(() => native[call](fd, memory.subarray(0, 7), 0, 0, 0)).toThrow(RangeError);
      expect(() => native[call](fd, memory.subarray(1), 0, 0, 0)).toThrow(RangeError);
      expect(() => native[call](fd, nothing, 0, 0, 0)).toThrow(RangeError);
    }

    const send = (meta: number[], name?: Uint8Array) => {
      const outgoing = batchOf(1, 8);
      outgoing.meta.set(meta);
      if (name !== undefined) outgoing.names.set(name);
      return native.sendmmsg(fd, outgoing.memory, 0, 1, 0);
    };
    const far = ipv4(1, stride);
    far[littleEndian ? 0 : 3] = 29;
    expect(send([4, 4, 1, 0], ipv4(9, stride))).toBe(1);
    expect(() => send([4, 5, 0, 0])).toThrow(RangeError);
    expect(() => send([9, 0, 0, 0])).toThrow(RangeError);
    expect(() => send([2 ** 32 - 1, 2, 0, 0])).toThrow(RangeError);
    expect(() => send([0, 1, 1, 0], far)).toThrow(RangeError);
    expect(() => send([0, 1, 0, 65536])).toThrow(RangeError);
  });

  test('a long send is cut into segments, and they are joined again', ({ skip }) => {
    const here = datagrams();
    const there = datagrams();
    const joins = native.setsockopt(there, c.IPPROTO_UDP, c.UDP_GRO, int(1));
    const cuts = native.setsockopt(here, c.IPPROTO_UDP, c.UDP_SEGMENT, int(0));
    skip(joins < 0 || cuts < 0, 'this kernel has no UDP_GRO or UDP_SEGMENT');
    const data = new Uint8Array(4000).fill(1);
    expect(native.sendmsg(here, data, 0, 4000, 0, ipv4(portOf(there)), segments(1000))).toBe(4000);
    const { memory, meta, names } = batchOf(8, 4000);
    expect(native.recvmmsg(there, memory, 0, 8, 0)).toBe(1);
    expect([meta[0], meta[2]]).toEqual([4000, 1000]);

    expect(native.setsockopt(there, c.IPPROTO_UDP, c.UDP_GRO, int(0))).toBe(0);
    names.set(ipv4(portOf(there), c.NAME_STRIDE));
    meta.set([0, 2500, 1, 1000]);
    expect(native.sendmmsg(here, memory, 0, 1, 0)).toBe(1);
    expect(native.recvmmsg(there, memory, 0, 8, 0)).toBe(3);
    expect([meta[0], meta[2], meta[2 * c.META_STRIDE]]).toEqual([1000, 0, 500]);
  });

  test('the drop counter comes along', () => {
    const here = datagrams();
    const there = datagrams();
    expect(native.setsockopt(there, c.SOL_SOCKET, c.SO_RXQ_OVFL, int(1))).toBe(0);
    expect(native.setsockopt(there, c.SOL_SOCKET, c.SO_RCVBUF, int(1))).toBe(0);
    const to = ipv4(portOf(there));
    const { memory, meta } = batchOf(1, 1000);
    const buffer = new Uint8Array(1000);
    for (let i = 0; i < 100; i++) native.sendto(here, buffer, 0, 1000, 0, to);
    while (native.recvmmsg(there, memory, 0, 1, 0) >= 0);
    native.sendto(here, buffer, 0, 1000, 0, to);
    expect(native.recvmmsg(there, memory, 0, 1, 0)).toBe(1);
    expect(meta[0]).toBe(1000);
    expect(meta[3]).toBeGreaterThan(50);
    expect(meta[4]).toBe(1);
  });
});
