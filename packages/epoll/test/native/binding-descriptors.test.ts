import { describe, expect, test } from 'vitest';
import { NAME_SIZE } from '../../src/native/binding.ts';
import {
  bytes,
  c,
  ipv4,
  listener,
  native,
  nothing,
  opened,
  own,
  pair,
  pipe,
  portOf,
  text,
  waitFor,
} from './raw-descriptors.ts';

describe('descriptors', () => {
  test('are born non-blocking and close-on-exec', () => {
    const server = listener();
    const client = own(native.socket(c.AF_INET, c.SOCK_STREAM, 0));
    native.connect(client, ipv4(portOf(server)));
    waitFor(server, c.EPOLLIN);
    const accepted = own(native.accept4(server, new Uint8Array(NAME_SIZE)));
    for (const fd of [server, client, accepted, ...pair(), ...pipe(), own(native.eventfd(0))]) {
      expect(native.fcntl(fd, c.F_GETFL, 0) & c.O_NONBLOCK).toBe(c.O_NONBLOCK);
      expect(native.fcntl(fd, c.F_GETFD, 0)).toBe(c.FD_CLOEXEC);
    }
    expect(native.fcntl(own(native.epollCreate1()), c.F_GETFD, 0)).toBe(c.FD_CLOEXEC);
  });

  test('fcntl takes integer commands alone', () => {
    const [end] = pipe();
    const copy = own(native.fcntl(end, c.F_DUPFD_CLOEXEC, 100));
    expect(copy).toBeGreaterThanOrEqual(100);
    expect(native.fcntl(end, c.F_SETPIPE_SZ, 8192)).toBe(8192);
    const F_GETLK = 5;
    expect(() => native.fcntl(end, F_GETLK, 4096)).toThrow(RangeError);
  });

  test('ioctl says how much is queued, and nothing else', () => {
    const [left, right] = pair();
    const out = new Int32Array(1);
    native.write(left, bytes('hello'), 0, 5);
    expect(native.ioctl(right, c.FIONREAD, out)).toBe(0);
    expect(out[0]).toBe(5);
    const TCGETS = 0x5401;
    expect(() => native.ioctl(right, TCGETS, out)).toThrow(RangeError);
  });

  test('readv and writev move several arrays, at most 64', () => {
    for (const [to, from] of [pair(), pipe().reverse() as [number, number]]) {
      expect(native.writev(to, [bytes('one '), nothing, bytes('two')])).toBe(7);
      const parts = [new Uint8Array(2), nothing, new Uint8Array(8)];
      expect(native.readv(from, parts)).toBe(7);
      expect(text(parts[2] as Uint8Array, 0, 5)).toBe('e two');
      expect(
        native.writev(
          to,
          Array.from({ length: 70 }, () => bytes('x')),
        ),
      ).toBe(64);
    }
  });

  test('a broken pipe or connection is a value, not a signal', () => {
    const [reading, writing] = pipe();
    native.close(reading);
    opened.splice(opened.indexOf(reading), 1);
    expect(native.write(writing, bytes('x'), 0, 1)).toBe(-c.EPIPE);
    expect(native.writev(writing, [bytes('x')])).toBe(-c.EPIPE);
    const [left, right] = pair();
    expect(native.shutdown(right, c.SHUT_RDWR)).toBe(0);
    expect(native.send(left, bytes('x'), 0, 1, 0)).toBe(-c.EPIPE);
    expect(native.writev(left, [bytes('x')])).toBe(-c.EPIPE);
    expect(native.recv(left, new Uint8Array(1), 0, 1, 0)).toBe(0);
  });
});
