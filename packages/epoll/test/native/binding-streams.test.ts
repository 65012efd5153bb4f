import { spawnSync } from 'node:child_process';
import { describe, expect, test } from 'vitest';
import { NAME_SIZE } from '../../src/native/binding.ts';
import { folder, passes, run } from './native-process.ts';
import {
  bytes,
  c,
  int,
  ipv4,
  listener,
  littleEndian,
  nameLength,
  native,
  nothing,
  own,
  portIn,
  portOf,
  text,
  waitFor,
} from './raw-descriptors.ts';

describe('stream sockets', () => {
  test('no way to send raises SIGPIPE', async () => {
    const script = `
      let signals = 0;
      process.on('SIGPIPE', () => signals++);
      const { near, far } = pair();
      native.close(far);
      const none = new Uint8Array(0);
      const results = [
        native.send(near, byte, 0, 1, 0),
        native.sendto(near, byte, 0, 1, 0, none),
        native.sendmsg(near, byte, 0, 1, 0, none, new Uint32Array(26)),
        native.sendmmsg(near, new Uint8Array(new Uint32Array([1, 4, 0, 1, ...Array(23).fill(0)]).buffer), 0, 1, 0),
        native.sendmsgFds(near, byte, 0, 1, new Int32Array(0), 0),
        native.writev(near, [byte]),
      ];
      setTimeout(() => {
        console.log(results.every((n) => n === -require('node:os').constants.errno.EPIPE), signals);
        process.exit();
      }, 50);
    `;
    expect(await run(script)).toEqual(passes('true 0'));
  });

  test('connect, accept and name both ends', () => {
    const server = listener();
    const port = portOf(server);
    const room = new Uint8Array(NAME_SIZE);
    expect(native.accept4(server, room)).toBe(-c.EAGAIN);
    const client = own(native.socket(c.AF_INET, c.SOCK_STREAM, c.IPPROTO_TCP));
    expect(native.getpeername(client, room)).toBe(-c.ENOTCONN);
    expect(native.connect(client, ipv4(port))).toBe(-c.EINPROGRESS);
    waitFor(server, c.EPOLLIN);
    const accepted = own(native.accept4(server, room));
    expect(nameLength(room)).toBe(16);
    expect(portIn(room)).toBe(portOf(client));
    expect(native.getpeername(client, room)).toBe(0);
    expect(portIn(room)).toBe(port);
    expect(native.connect(client, ipv4(port))).toBe(0);
    expect(native.connect(client, ipv4(port))).toBe(-c.EISCONN);
    expect(native.send(client, bytes('--hi--'), 2, 2, 0)).toBe(2);
    waitFor(accepted, c.EPOLLIN);
    const buffer = new Uint8Array(8);
    expect(native.recv(accepted, buffer, 0, 8, c.MSG_PEEK)).toBe(2);
    expect(native.recv(accepted, buffer, 4, 4, 0)).toBe(2);
    expect(text(buffer, 0, 6)).toBe('hi\0\0hi');
    expect(native.recv(accepted, buffer, 0, 8, 0)).toBe(-c.EAGAIN);
  });

  test('the errors of addresses in use and of foreign addresses are values', () => {
    const port = portOf(listener());
    const other = own(native.socket(c.AF_INET, c.SOCK_STREAM, 0));
    expect(native.bind(other, ipv4(port))).toBe(-c.EADDRINUSE);
    expect(native.bind(other, nothing)).toBe(-c.EINVAL);
    expect(native.listen(own(native.eventfd(0)), 1)).toBe(-c.ENOTSOCK);
    expect(native.socket(12345, c.SOCK_STREAM, 0)).toBe(-c.EAFNOSUPPORT);
    expect(native.socketpair(c.AF_INET, c.SOCK_STREAM, 0, new Int32Array(2))).toBe(-c.EOPNOTSUPP);
  });

  test('options travel as bytes, and those that could leave the array do not', () => {
    const fd = own(native.socket(c.AF_INET, c.SOCK_STREAM, 0));
    expect(native.setsockopt(fd, c.IPPROTO_TCP, c.TCP_NODELAY, int(1))).toBe(0);
    const value = new Uint8Array(8);
    expect(native.getsockopt(fd, c.IPPROTO_TCP, c.TCP_NODELAY, value)).toBe(4);
    expect(value[littleEndian ? 0 : 3]).toBe(1);
    expect(native.setsockopt(fd, c.IPPROTO_TCP, c.TCP_NODELAY, nothing)).toBe(-c.EINVAL);
    expect(native.getsockopt(fd, c.SOL_SOCKET, 9999, value)).toBe(-c.ENOPROTOOPT);
    expect(native.getsockopt(fd, c.IPPROTO_TCP, c.TCP_INFO, new Uint8Array(256))).toBeGreaterThan(
      100,
    );
    for (const [level, option] of [
      [c.SOL_SOCKET, 26], // SO_GET_FILTER: its length counts filters
      [c.SOL_SOCKET, 51], // SO_ATTACH_REUSEPORT_CBPF: a pointer
      [c.IPPROTO_TCP, 35], // TCP_ZEROCOPY_RECEIVE: pointers
      [c.IPPROTO_TCP, 41], // TCP_AO_GET_KEYS: a count
      [c.IPPROTO_IP, 41], // IP_MSFILTER: a count
      [c.IPPROTO_IP, 64], // netfilter: pointers
      [c.IPPROTO_IPV6, 48], // MCAST_MSFILTER: a count
      [263, 1], // packet sockets
    ] as const) {
      expect(() => native.getsockopt(fd, level, option, value)).toThrow(RangeError);
      expect(() => native.setsockopt(fd, level, option, value)).toThrow(RangeError);
    }
  });

  test('descriptors run out as a value', () => {
    const script = `
      const native = require(${JSON.stringify(`${folder}/epoll.node`)});
      const c = native.constants;
      const two = new Int32Array(2);
      const server = native.socket(c.AF_INET, c.SOCK_STREAM, 0);
      native.listen(server, 1);
      const name = new Uint8Array(132);
      native.getsockname(server, name);
      native.connect(native.socket(c.AF_INET, c.SOCK_STREAM, 0), name);
      while (native.eventfd(0) >= 0);
      console.log(JSON.stringify([
        native.eventfd(0), native.epollCreate1(), native.pipe2(two),
        native.socket(c.AF_INET, c.SOCK_STREAM, 0), native.socketpair(c.AF_UNIX, c.SOCK_STREAM, 0, two),
        native.accept4(server, name), native.fcntl(0, c.F_DUPFD_CLOEXEC, 0),
        native.threadWaitCreate(0, () => {}),
      ]));
    `;
    const run = spawnSync(
      'sh',
      ['-c', 'ulimit -n 64; exec "$0" "$@"', process.execPath, '-e', script],
      {
        encoding: 'utf8',
      },
    );
    expect(run.stdout.trim()).toBe(JSON.stringify(Array(8).fill(-c.EMFILE)));
  });
});
