import { describe, expect, test } from 'vitest';
import { bytes, c, native, own, pair } from './raw-descriptors.ts';

describe('epoll', () => {
  test('reports events with all 64 bits of their data', () => {
    const [left, right] = pair();
    const epfd = own(native.epollCreate1());
    const add = (fd: number, low: number, high: number) =>
      native.epollCtl(epfd, c.EPOLL_CTL_ADD, fd, c.EPOLLIN + c.EPOLLET, low, high);
    expect(add(left, 0xdeadbeef, 0xfeedface)).toBe(0);
    expect(add(left, 0, 0)).toBe(-c.EEXIST);
    expect(add(right, 7, 0)).toBe(0);
    const size = 4 * c.EPOLL_EVENT_WORDS;
    const events = new Uint32Array(2 * c.EPOLL_EVENT_WORDS);
    const wait = (length: number, timeoutMs: number, offset = 0) =>
      native.epollWait(epfd, new Uint8Array(events.buffer), offset, length, timeoutMs);
    expect(wait(2 * size, 0)).toBe(0);
    native.write(right, bytes('x'), 0, 1);
    expect(wait(2 * size, -1)).toBe(1);
    expect(events[0]).toBe(c.EPOLLIN);
    expect(events[c.EPOLL_DATA_LOW]).toBe(0xdeadbeef);
    expect(events[c.EPOLL_DATA_HIGH]).toBe(0xfeedface);
    expect(wait(2 * size, 0)).toBe(0);
    native.write(left, bytes('x'), 0, 1);
    native.write(right, bytes('x'), 0, 1);
    expect(wait(size, 0, size)).toBe(1);
    expect(wait(2 * size, 0)).toBe(1);
    expect(native.epollCtl(epfd, c.EPOLL_CTL_DEL, left, 0, 0, 0)).toBe(0);
    expect(native.epollCtl(epfd, c.EPOLL_CTL_DEL, left, 0, 0, 0)).toBe(-c.ENOENT);
  });

  test('waits as long as it is told, and needs room for an event', () => {
    const epfd = own(native.epollCreate1());
    const start = performance.now();
    expect(native.epollWait(epfd, new Uint8Array(16), 0, 16, 30)).toBe(0);
    expect(performance.now() - start).toBeGreaterThanOrEqual(29);
    expect(native.epollWait(epfd, new Uint8Array(16), 0, 11, 0)).toBe(-c.EINVAL);
  });

  test('eventfd counts', () => {
    const fd = own(native.eventfd(3));
    const counter = new BigUint64Array(1);
    const raw = new Uint8Array(counter.buffer);
    expect(native.read(fd, raw, 0, 8)).toBe(8);
    expect(counter[0]).toBe(3n);
    expect(native.read(fd, raw, 0, 8)).toBe(-c.EAGAIN);
    expect(native.write(fd, raw, 0, 7)).toBe(-c.EINVAL);
  });
});
