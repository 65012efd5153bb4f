import { describe, expect, test } from 'vitest';
import { batchOf, bytes, c, native, own, pair } from './raw-descriptors.ts';

describe('descriptors in messages', () => {
  /** The lowest free descriptor: the same before and after, unless one leaked below it. */
  function lowestFree(): number {
    const fd = native.eventfd(0);
    native.close(fd);
    return fd;
  }

  test('are passed, close-on-exec', () => {
    const [left, right] = pair();
    const event = own(native.eventfd(5));
    expect(native.sendmsgFds(left, bytes('x'), 0, 1, new Int32Array([event, event]), 0)).toBe(1);
    const fds = new Int32Array(4);
    const meta = new Uint32Array(2);
    const buffer = new Uint8Array(4);
    expect(native.recvmsgFds(right, buffer, 0, 4, fds, meta, 0)).toBe(1);
    expect(meta[0]).toBe(2);
    expect((meta[1] as number) & c.MSG_CTRUNC).toBe(0);
    for (const fd of fds.subarray(0, 2))
      expect(native.fcntl(own(fd), c.F_GETFD, 0)).toBe(c.FD_CLOEXEC);
    const counter = new Uint8Array(8);
    expect(native.read(fds[0] as number, counter, 0, 8)).toBe(8);
    expect(native.recvmsgFds(right, buffer, 0, 4, fds, meta, 0)).toBe(-c.EAGAIN);
  });

  test('those without room are closed', () => {
    const [left, right] = pair();
    const fds = new Int32Array(253).fill(own(native.eventfd(0)));
    const meta = new Uint32Array(c.META_STRIDE);
    const buffer = new Uint8Array(4);
    const send = () => expect(native.sendmsgFds(left, bytes('x'), 0, 1, fds, 0)).toBe(1);
    const free = lowestFree();

    send();
    const two = new Int32Array(2);
    expect(native.recvmsgFds(right, buffer, 0, 4, two, meta, 0)).toBe(1);
    expect(meta[0]).toBe(2);
    expect((meta[1] as number) & c.MSG_CTRUNC).toBe(c.MSG_CTRUNC);
    for (const fd of two) native.close(fd);
    expect(lowestFree()).toBe(free);

    send();
    expect(native.recvmsgFds(right, buffer, 0, 4, new Int32Array(0), meta, 0)).toBe(1);
    expect(meta[0]).toBe(0);
    expect(lowestFree()).toBe(free);

    send();
    expect(native.recv(right, buffer, 0, 4, 0)).toBe(1);
    expect(lowestFree()).toBe(free);

    send();
    const batch = batchOf(1, 4);
    expect(native.recvmmsg(right, batch.memory, 0, 1, 0)).toBe(1);
    expect((batch.meta[1] as number) & c.MSG_CTRUNC).toBe(c.MSG_CTRUNC);
    expect(lowestFree()).toBe(free);
  });

  test('their number is bounded, and each must be open', () => {
    const [left, right] = pair();
    const send = (fds: Int32Array) => native.sendmsgFds(left, bytes('x'), 0, 1, fds, 0);
    expect(() => send(new Int32Array(254))).toThrow(RangeError);
    expect(send(new Int32Array([-1]))).toBe(-c.EBADF);
    expect(send(new Int32Array(0))).toBe(1);
    const short = new Uint32Array(1);
    expect(() =>
      native.recvmsgFds(right, new Uint8Array(1), 0, 1, new Int32Array(0), short, 0),
    ).toThrow(RangeError);
  });
});
