import { describe, expect, test } from 'vitest';
import { NAME_SIZE } from '../src/binding.ts';
import {
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

  /** One message, which `meta` describes. */
  function receive(fd: number, buffer: Uint8Array, meta: Uint32Array, flags = 0): number {
    return native.recvmmsg(
      fd,
      buffer,
      buffer.length,
      1,
      new Uint8Array(c.NAME_STRIDE),
      meta,
      flags,
    );
  }

  test('single messages are sent to a name or without one, and described', () => {
    const here = datagrams();
    const there = datagrams();
    const meta = new Uint32Array(c.META_STRIDE).fill(9);
    const buffer = new Uint8Array(3);
    expect(receive(there, buffer, meta)).toBe(-c.EAGAIN);
    expect(native.sendmsg(here, bytes('hello'), 0, 5, ipv4(portOf(there)), 0, 0)).toBe(5);
    expect(receive(there, buffer, meta, c.MSG_TRUNC)).toBe(1);
    expect([...meta]).toEqual([3, c.MSG_TRUNC, 0, 0, 0]);
    native.connect(here, ipv4(portOf(there)));
    expect(native.sendmsg(here, nothing, 0, 0, nothing, 0, 0)).toBe(0);
    expect(receive(there, buffer, meta)).toBe(1);
    expect([...meta]).toEqual([0, 0, 0, 0, 0]);
    expect(() => native.sendmsg(here, buffer, 0, 3, nothing, 65536, 0)).toThrow(RangeError);
  });

  test('batches go both ways', () => {
    const here = datagrams();
    const there = datagrams();
    const stride = c.NAME_STRIDE;
    const count = 1024;
    const data = new Uint8Array(count * 4);
    const names = new Uint8Array(count * stride);
    const meta = new Uint32Array(count * c.META_STRIDE);
    expect(native.recvmmsg(there, data, 4, count, names, meta, 0)).toBe(-c.EAGAIN);

    const payload = bytes('onetwothree');
    for (const [i, [offset, length]] of [
      [0, 0],
      [0, 3],
      [3, 3],
      [6, 5],
    ].entries()) {
      meta.set([offset as number, length as number, 1, 0], i * c.META_STRIDE);
      names.set(ipv4(portOf(there), stride), i * stride);
    }
    expect(native.sendmmsg(here, payload, names, meta, 1, 3, 0)).toBe(3);
    expect(native.recvmmsg(there, data, 4, count, names, meta, 0)).toBe(3);
    expect(text(data, 0, 12)).toBe('one\0two\0thre');
    expect([meta[0], meta[1], meta[2 * c.META_STRIDE], meta[2 * c.META_STRIDE + 1]]).toEqual([
      3,
      0,
      4,
      c.MSG_TRUNC,
    ]);
    for (let i = 0; i < 3; i++) {
      expect(nameLength(names, i * stride)).toBe(16);
      expect(portIn(names, i * stride)).toBe(portOf(here));
    }
    meta.set([0, 1, 0, 0]);
    expect(native.sendmmsg(here, payload, nothing, meta, 0, 1, 0)).toBe(-c.EDESTADDRREQ);
    native.connect(here, ipv4(portOf(there)));
    expect(native.sendmmsg(here, payload, nothing, meta, 0, 1, 0)).toBe(1);
    expect(native.sendmmsg(here, payload, nothing, meta, 0, 0, 0)).toBe(0);
  });

  test('batches stay inside their arrays', () => {
    const fd = datagrams();
    const stride = c.NAME_STRIDE;
    const receive = (size: number, slot: number, count: number, names: number, meta: number) =>
      native.recvmmsg(
        fd,
        new Uint8Array(size),
        slot,
        count,
        new Uint8Array(names),
        new Uint32Array(meta),
        0,
      );
    const words = c.META_STRIDE * 2;
    expect(receive(8, 4, 2, 2 * stride, words)).toBe(-c.EAGAIN);
    expect(receive(0, 0, 2, 2 * stride, words)).toBe(-c.EAGAIN);
    expect(() => receive(7, 4, 2, 2 * stride, words)).toThrow(RangeError);
    expect(() => receive(8, 4, 2, 2 * stride - 1, words)).toThrow(RangeError);
    expect(() => receive(8, 4, 2, 2 * stride, words - 1)).toThrow(RangeError);
    expect(() => receive(8, 2 ** 31, 2, 2 * stride, words)).toThrow(RangeError);
    expect(() => receive(5000, 1, 1025, 1025 * stride, 6000)).toThrow(RangeError);

    const send = (
      meta: number[],
      names: Uint8Array = new Uint8Array(stride),
      first = 0,
      count = 1,
    ) =>
      native.sendmmsg(fd, new Uint8Array(8), names, new Uint32Array([...meta, 0]), first, count, 0);
    const far = ipv4(1, stride);
    far[littleEndian ? 0 : 3] = 29;
    expect(send([4, 4, 1, 0], ipv4(9, stride))).toBe(1);
    expect(() => send([4, 5, 0, 0])).toThrow(RangeError);
    expect(() => send([9, 0, 0, 0])).toThrow(RangeError);
    expect(() => send([2 ** 32 - 1, 2, 0, 0])).toThrow(RangeError);
    expect(() => send([0, 1, 1, 0], new Uint8Array(stride - 1))).toThrow(RangeError);
    expect(() => send([0, 1, 1, 0], far)).toThrow(RangeError);
    expect(() => send([0, 1, 0, 65536])).toThrow(RangeError);
    expect(() => send([0, 1, 0, 0], nothing, 1)).toThrow(RangeError);
    expect(() => send([0, 1, 0, 0], nothing, 2 ** 32 - 1, 1)).toThrow(RangeError);
    expect(() => send([0, 1, 0, 0], nothing, 0, 1025)).toThrow(RangeError);
  });

  test('a long send is cut into segments, and they are joined again', ({ skip }) => {
    const here = datagrams();
    const there = datagrams();
    const joins = native.setsockopt(there, c.IPPROTO_UDP, c.UDP_GRO, int(1));
    const cuts = native.setsockopt(here, c.IPPROTO_UDP, c.UDP_SEGMENT, int(0));
    skip(joins < 0 || cuts < 0, 'this kernel has no UDP_GRO or UDP_SEGMENT');
    const data = new Uint8Array(4000).fill(1);
    expect(native.sendmsg(here, data, 0, 4000, ipv4(portOf(there)), 1000, 0)).toBe(4000);
    const meta = new Uint32Array(c.META_STRIDE * 8);
    const room = new Uint8Array(8 * 4000);
    const names = new Uint8Array(8 * c.NAME_STRIDE);
    expect(native.recvmmsg(there, room, 4000, 8, names, meta, 0)).toBe(1);
    expect([meta[0], meta[2]]).toEqual([4000, 1000]);

    expect(native.setsockopt(there, c.IPPROTO_UDP, c.UDP_GRO, int(0))).toBe(0);
    names.set(ipv4(portOf(there), c.NAME_STRIDE));
    meta.set([0, 2500, 1, 1000]);
    expect(native.sendmmsg(here, data, names, meta, 0, 1, 0)).toBe(1);
    expect(native.recvmmsg(there, room, 4000, 8, names, meta, 0)).toBe(3);
    expect([meta[0], meta[2], meta[2 * c.META_STRIDE]]).toEqual([1000, 0, 500]);
  });

  test('the drop counter comes along', () => {
    const here = datagrams();
    const there = datagrams();
    expect(native.setsockopt(there, c.SOL_SOCKET, c.SO_RXQ_OVFL, int(1))).toBe(0);
    expect(native.setsockopt(there, c.SOL_SOCKET, c.SO_RCVBUF, int(1))).toBe(0);
    const to = ipv4(portOf(there));
    const meta = new Uint32Array(c.META_STRIDE);
    const buffer = new Uint8Array(1000);
    for (let i = 0; i < 100; i++) native.sendto(here, buffer, 0, 1000, 0, to);
    while (receive(there, buffer, meta) >= 0);
    native.sendto(here, buffer, 0, 1000, 0, to);
    expect(receive(there, buffer, meta)).toBe(1);
    expect(meta[0]).toBe(1000);
    expect(meta[3]).toBeGreaterThan(50);
    expect(meta[4]).toBe(1);
  });
});
