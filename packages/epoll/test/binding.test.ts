import { spawn, spawnSync } from 'node:child_process';
import { createServer } from 'node:net';
import { fileURLToPath } from 'node:url';
import { afterEach, describe, expect, test, vi } from 'vitest';
import { type Binding, loadBinding, watch as maybeWatch, NAME_SIZE } from '../src/binding.ts';

const native = loadBinding();
const c = native.constants;
const folder =
  process.env['EVLOOP_NATIVE_DIR'] ?? fileURLToPath(new URL('../build/Release', import.meta.url));

const opened: number[] = [];
afterEach(() => {
  for (const fd of opened.splice(0)) native.close(fd);
});

/** The descriptor is closed after the test. */
function own(fd: number): number {
  expect(fd).toBeGreaterThanOrEqual(0);
  opened.push(fd);
  return fd;
}

function pair(type = c.SOCK_STREAM): [number, number] {
  const out = new Int32Array(2);
  expect(native.socketpair(c.AF_UNIX, type, 0, out)).toBe(0);
  return [own(out[0] as number), own(out[1] as number)];
}

function pipe(): [number, number] {
  const out = new Int32Array(2);
  expect(native.pipe2(out)).toBe(0);
  return [own(out[0] as number), own(out[1] as number)];
}

const bytes = (text: string) => new TextEncoder().encode(text);
const text = (from: Uint8Array, start: number, end: number) =>
  new TextDecoder().decode(from.subarray(start, end));
const littleEndian = new Uint8Array(new Uint16Array([1]).buffer)[0] === 1;

/** A name for 127.0.0.1; `size` is that of its array. */
function ipv4(port: number, size = NAME_SIZE): Uint8Array<ArrayBuffer> {
  const name = new Uint8Array(size);
  const view = new DataView(name.buffer);
  view.setUint32(0, 16, littleEndian);
  view.setUint16(4, c.AF_INET, littleEndian);
  view.setUint16(6, port);
  name.set([127, 0, 0, 1], 8);
  return name;
}

const nameLength = (name: Uint8Array, at = 0) =>
  new DataView(name.buffer).getUint32(at, littleEndian);
const portIn = (name: Uint8Array, at = 0) => new DataView(name.buffer).getUint16(at + 6);

function portOf(fd: number): number {
  const name = new Uint8Array(NAME_SIZE);
  expect(native.getsockname(fd, name)).toBe(0);
  expect(nameLength(name)).toBe(16);
  return portIn(name);
}

function listener(): number {
  const fd = own(native.socket(c.AF_INET, c.SOCK_STREAM, 0));
  expect(native.bind(fd, ipv4(0))).toBe(0);
  expect(native.listen(fd, 16)).toBe(0);
  return fd;
}

function datagrams(): number {
  const fd = own(native.socket(c.AF_INET, c.SOCK_DGRAM, 0));
  expect(native.bind(fd, ipv4(0))).toBe(0);
  return fd;
}

function int(value: number): Uint8Array {
  return new Uint8Array(new Int32Array([value]).buffer);
}

function watched(fd: number, events: number): number {
  const epfd = own(native.epollCreate1());
  expect(native.epollCtl(epfd, c.EPOLL_CTL_ADD, fd, events, 1, 0)).toBe(0);
  return epfd;
}

/** Blocks until `fd` is ready: a call that another thread has to answer. */
function waitFor(fd: number, events: number): void {
  expect(native.epollWait(watched(fd, events), new Uint32Array(4), 5000)).toBe(1);
}

const nothing: Uint8Array = new Uint8Array(0);

/** Like the table in native/addon.c, but `s` is written out. */
const takes: Record<Exclude<keyof Binding, 'constants'>, string> = {
  epollCreate1: '',
  epollCtl: 'iiiuuu',
  epollWait: 'iwi',
  eventfd: 'u',
  closeAtExit: 'iS',
  socket: 'iii',
  socketpair: 'iii2',
  bind: 'in',
  connect: 'in',
  listen: 'ii',
  accept4: 'iR',
  getsockname: 'iR',
  getpeername: 'iR',
  shutdown: 'ii',
  getsockopt: 'iiib',
  setsockopt: 'iiib',
  recv: 'ibuui',
  recvfrom: 'ibuuiR',
  recvmmsg: 'ibuubwi',
  recvmsgFds: 'ibuu0wi',
  send: 'ibuuf',
  sendto: 'ibuufn',
  sendmsg: 'ibuunuf',
  sendmmsg: 'ibbwuuf',
  sendmsgFds: 'ibuu0f',
  read: 'ibuu',
  write: 'ibuu',
  readv: 'iv',
  writev: 'iv',
  close: 'i',
  pipe2: '2',
  fcntl: 'iii',
  ioctl: 'iu1',
  threadWaitCreate: 'ic',
  threadWaitArm: 'h',
  threadWaitRef: 'h',
  threadWaitUnref: 'h',
  threadWaitClose: 'h',
};

type Name = keyof typeof takes;
const names = Object.keys(takes) as Name[];
const invoke = (name: Name, args: unknown[]): number =>
  (native[name] as (...args: unknown[]) => number)(...args);

/** An argument that is accepted; as a descriptor or handle, -1 is nobody's. */
function accepted(kind: string, name: Name, at: number): unknown {
  if (name === 'fcntl' && at === 1) return c.F_GETFD;
  if (name === 'ioctl' && at === 1) return c.FIONREAD;
  if (name.endsWith('sockopt') && at === 1) return c.SOL_SOCKET;
  switch (kind) {
    case 'i':
    case 'h':
      return at === 0 ? -1 : 0;
    case 'u':
    case 'f':
      return 0;
    case 'b':
    case 'R':
    case 'r':
      return new Uint8Array(NAME_SIZE);
    case 'n':
      return ipv4(1);
    case 'w':
      return new Uint32Array(64);
    case 'v':
      return [new Uint8Array(1)];
    case 'c':
      return () => {};
    case 'S':
      return new Int32Array(new SharedArrayBuffer(8));
    default:
      return new Int32Array(2);
  }
}

const numbers = [Number.NaN, Infinity, 0.5, 2 ** 32, -(2 ** 32), '1', 1n, null, undefined, {}];
const arrays = [null, undefined, 1, 'text', {}, [1], new ArrayBuffer(8), new Float64Array(8)];
const detached = <T extends { buffer: ArrayBufferLike }>(array: T): T => {
  structuredClone(array.buffer, { transfer: [array.buffer as ArrayBuffer] });
  return array;
};

function refused(kind: string): unknown[] {
  switch (kind) {
    case 'i':
    case 'h':
      return [...numbers, 2 ** 31, -(2 ** 31) - 1];
    case 'u':
      return [...numbers, -1];
    case 'f':
      return [...numbers, 0x4000000]; // MSG_ZEROCOPY
    case 'b':
      return [...arrays, new Int8Array(200), detached(new Uint8Array(200))];
    case 'n':
      return [
        ...arrays,
        new Uint8Array(3),
        new Uint8Array(20).fill(255),
        ipv4(1, 20).subarray(0, 19),
      ];
    case 'R':
      return [...arrays, new Uint8Array(0), new Uint8Array(NAME_SIZE - 1)];
    case 'r':
      return [...arrays, new Uint8Array(1), new Uint8Array(NAME_SIZE - 1)];
    case 'w':
      return [...arrays, new Int32Array(64), detached(new Uint32Array(64))];
    case 'v':
      return [...arrays.filter((value) => value !== arrays[5]), [1], [new Int8Array(1)]];
    case 'c':
      return arrays;
    case 'S':
      return [...arrays, new Uint32Array(4), new Int32Array(2), detached(new Int32Array(2))];
    default: {
      const short = kind === '0' ? [] : [new Int32Array(Number(kind) - 1)];
      return [...arrays, new Uint32Array(4), detached(new Int32Array(2)), ...short];
    }
  }
}

describe('arguments', () => {
  test('the typed table and the native one have the same functions and constants', () => {
    expect(Object.keys(native).sort()).toEqual([...names, 'constants'].sort());
    for (const value of Object.values(c)) expect(Number.isSafeInteger(value)).toBe(true);
    expect(c.EPOLLET).toBe(2 ** 31);
    expect(c.EPOLL_EVENT_WORDS).toBe(process.arch === 'x64' ? 3 : 4);
  });

  test.each(names)('%s refuses what is of the wrong kind, and accepts the rest', (name) => {
    const kinds = [...takes[name]];
    const good = () => kinds.map((kind, at) => accepted(kind, name, at));
    for (const [at, kind] of kinds.entries()) {
      for (const [which, value] of refused(kind).entries()) {
        const args = good();
        args[at] = value;
        expect(() => invoke(name, args), `argument ${at + 1}, value ${which}`).toThrow(
          /^argument \d: /,
        );
      }
    }
    if (
      'ih'.includes(kinds[0] ?? '-') &&
      !['socket', 'socketpair', 'threadWaitCreate', 'closeAtExit'].includes(name)
    )
      expect(invoke(name, good())).toBe(-c.EBADF);
  });

  test('a refusal is a TypeError or a RangeError, never a plain Error', () => {
    expect(() => native.close('1' as unknown as number)).toThrow(TypeError);
    expect(() => native.close(1.5)).toThrow(RangeError);
    expect(() => native.read(0, detached(new Uint8Array(1)), 0, 0)).toThrow(TypeError);
  });

  test.each(['read', 'write', 'recv', 'send'] as const)('%s stays inside the array', (name) => {
    const array = new Uint8Array(8);
    const at = (offset: number, length: number) => invoke(name, [-1, array, offset, length, 0]);
    for (const [offset, length] of [
      [9, 0],
      [0, 9],
      [8, 1],
      [1, 8],
      [2 ** 32 - 1, 1],
      [1, 2 ** 32 - 1],
    ])
      expect(() => at(offset as number, length as number)).toThrow(RangeError);
    expect(at(8, 0)).toBe(-c.EBADF);
    expect(at(0, 8)).toBe(-c.EBADF);
  });

  test('views are honoured, and an array of no bytes is fine', () => {
    const [left, right] = pair();
    expect(native.write(left, bytes('abcdef').subarray(1, 5), 1, 2)).toBe(2);
    const room = new Uint8Array(8);
    expect(native.read(right, room.subarray(2, 6), 1, 3)).toBe(2);
    expect([...room]).toEqual([0, 0, 0, 99, 100, 0, 0, 0]);
    for (const empty of [nothing, room.subarray(8), new Uint8Array(new SharedArrayBuffer(0))]) {
      expect(native.read(right, empty, 0, 0)).toBe(0);
      expect(native.write(left, empty, 0, 0)).toBe(0);
      expect(native.writev(left, [empty])).toBe(0);
    }
  });

  test('shared and resizable arrays are used as far as they reach now', () => {
    const [left, right] = pair();
    expect(native.write(left, new Uint8Array(new SharedArrayBuffer(8)).fill(7), 0, 8)).toBe(8);
    // @ts-expect-error The option is newer than the library declarations of ES2023.
    const buffer: ArrayBuffer & { resize(size: number): void } = new ArrayBuffer(8, {
      maxByteLength: 16,
    });
    const tracking = new Uint8Array(buffer);
    const fixed = new Uint8Array(buffer, 0, 8);
    buffer.resize(4);
    expect(() => native.read(right, tracking, 0, 5)).toThrow(RangeError);
    expect(() => native.read(right, fixed, 0, 1)).toThrow(RangeError);
    expect(native.read(right, tracking, 0, 4)).toBe(4);
    buffer.resize(16);
    expect(native.read(right, tracking, 12, 4)).toBe(4);
    expect([...tracking]).toEqual([7, 7, 7, 7, 0, 0, 0, 0, 0, 0, 0, 0, 7, 7, 7, 7]);
  });

  test('a getter among the buffers can neither move another nor be swallowed', () => {
    const [left] = pair();
    const victim = new Uint8Array(8);
    const get = () => {
      detached(victim);
      return new Uint8Array(1);
    };
    const list = Object.defineProperty([victim], 1, { get });
    expect(() => native.writev(left, list)).toThrow(TypeError);
    const thrown = new Error('from the getter');
    const throwing = Object.defineProperty([], 0, {
      get() {
        throw thrown;
      },
    });
    expect(() => native.readv(left, throwing)).toThrow(thrown);
  });
});

describe('where there is no native object', () => {
  afterEach(() => {
    vi.unstubAllEnvs();
    vi.restoreAllMocks();
    vi.resetModules();
  });
  const reload = () => {
    vi.resetModules();
    return import('../src/binding.ts');
  };

  test('importing is harmless, and using says what was looked for', async () => {
    vi.stubEnv('EVLOOP_NATIVE_DIR', '/nonexistent');
    const { bindingFailure, loadBinding, watch } = await reload();
    expect(bindingFailure).toContain('/nonexistent/epoll.node');
    expect(() => loadBinding()).toThrow(bindingFailure);
    expect(watch).toBeUndefined();
  });

  test('another platform is named', async () => {
    vi.spyOn(process, 'platform', 'get').mockReturnValue('darwin');
    const { bindingFailure } = await reload();
    expect(bindingFailure).toBe('epoll is Linux only, and this is darwin');
  });
});

describe('epoll', () => {
  test('reports events with all 64 bits of their data', () => {
    const [left, right] = pair();
    const epfd = own(native.epollCreate1());
    const add = (fd: number, low: number, high: number) =>
      native.epollCtl(epfd, c.EPOLL_CTL_ADD, fd, c.EPOLLIN + c.EPOLLET, low, high);
    expect(add(left, 0xdeadbeef, 0xfeedface)).toBe(0);
    expect(add(left, 0, 0)).toBe(-c.EEXIST);
    expect(add(right, 7, 0)).toBe(0);
    const events = new Uint32Array(c.EPOLL_EVENT_WORDS * 2);
    expect(native.epollWait(epfd, events, 0)).toBe(0);
    native.write(right, bytes('x'), 0, 1);
    expect(native.epollWait(epfd, events, -1)).toBe(1);
    expect(events[0]).toBe(c.EPOLLIN);
    expect(events[c.EPOLL_DATA_LOW]).toBe(0xdeadbeef);
    expect(events[c.EPOLL_DATA_HIGH]).toBe(0xfeedface);
    expect(native.epollWait(epfd, events, 0)).toBe(0);
    native.write(left, bytes('x'), 0, 1);
    native.write(right, bytes('x'), 0, 1);
    expect(native.epollWait(epfd, events.subarray(c.EPOLL_EVENT_WORDS), 0)).toBe(1);
    expect(native.epollWait(epfd, events, 0)).toBe(1);
    expect(native.epollCtl(epfd, c.EPOLL_CTL_DEL, left, 0, 0, 0)).toBe(0);
    expect(native.epollCtl(epfd, c.EPOLL_CTL_DEL, left, 0, 0, 0)).toBe(-c.ENOENT);
  });

  test('waits as long as it is told, and needs room for an event', () => {
    const epfd = own(native.epollCreate1());
    const start = performance.now();
    expect(native.epollWait(epfd, new Uint32Array(4), 30)).toBe(0);
    expect(performance.now() - start).toBeGreaterThanOrEqual(29);
    expect(native.epollWait(epfd, new Uint32Array(c.EPOLL_EVENT_WORDS - 1), 0)).toBe(-c.EINVAL);
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
        native.sendmsg(near, byte, 0, 1, none, 0, 0),
        native.sendmmsg(near, byte, none, new Uint32Array([0, 1, 0, 0, 0]), 0, 1, 0),
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

  test('addresses in use and addresses of nobody are values', () => {
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
    expect(native.recvmmsg(right, buffer, 4, 1, new Uint8Array(c.NAME_STRIDE), meta, 0)).toBe(1);
    expect((meta[1] as number) & c.MSG_CTRUNC).toBe(c.MSG_CTRUNC);
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

interface Outcome {
  readonly status: number | null;
  readonly signal: string | null;
  readonly output: string;
}

const prelude = `
  const native = require(${JSON.stringify(`${folder}/epoll.node`)});
  const watch = process.versions.bun || globalThis.Deno
    ? undefined : require(${JSON.stringify(`${folder}/watch/watch.node`)});
  const c = native.constants;
  const events = new Uint32Array(64);
  const byte = new Uint8Array(1);
  function pair() {
    const out = new Int32Array(2);
    native.socketpair(c.AF_UNIX, c.SOCK_STREAM, 0, out);
    const epfd = native.epollCreate1();
    native.epollCtl(epfd, c.EPOLL_CTL_ADD, out[0], c.EPOLLIN, 1, 0);
    return { near: out[0], far: out[1], epfd };
  }
`;

/** Runs a script with `native`, `c`, `watch`, `pair` and `events` in a process of its own. */
function run(script: string): Promise<Outcome> {
  const child = spawn(process.execPath, ['-e', prelude + script], { timeout: 280_000 });
  let output = '';
  child.stdout.on('data', (data) => {
    output += data;
  });
  child.stderr.on('data', (data) => {
    output += data;
  });
  return new Promise((resolve) => {
    child.on('close', (status, signal) => resolve({ status, signal, output: output.trim() }));
  });
}

const passes = (output: string): Outcome => ({ status: 0, signal: null, output });

/** Fifty workers that run `body`, each terminated at another moment. */
const terminated = (body: string) => `
  const { Worker } = require('node:worker_threads');
  const one = (i) => {
    const worker = new Worker(${JSON.stringify(prelude + body)}, { eval: true });
    worker.on('error', (error) => console.log(error));
    return new Promise((resolve) => setTimeout(() => worker.terminate().then(resolve), 20 * i));
  };
  // Fifty, at moments 20 ms apart; ten at a time, since under the sanitizers fifty at once are more than a small machine bears.
  (async () => {
    for (let wave = 0; wave < 5; wave++) {
      await Promise.all(Array.from({ length: 10 }, (_, i) => one(wave + 5 * i)));
    }
    console.log('done');
  })();
`;

describe('the thread that waits', () => {
  test('calls once for each time it is armed', async () => {
    const [left, right] = pair();
    const epfd = watched(left, c.EPOLLIN);
    let calls = 0;
    let called = () => {};
    const handle = native.threadWaitCreate(epfd, () => {
      calls++;
      called();
    });
    expect(handle).toBeGreaterThan(0);
    const next = () => new Promise<void>((resolve) => (called = resolve));
    const quiet = () => new Promise((resolve) => setTimeout(resolve, 30));

    native.write(right, bytes('x'), 0, 1);
    await quiet();
    expect(calls).toBe(0); // readable, but not armed
    native.read(left, new Uint8Array(4), 0, 4);

    for (let round = 1; round <= 2; round++) {
      expect([native.threadWaitArm(handle), native.threadWaitArm(handle)]).toEqual([0, 0]);
      await quiet();
      expect(calls).toBe(round - 1); // armed, but not readable
      const promise = next();
      native.write(right, bytes('x'), 0, 1);
      await promise;
      await quiet();
      expect(calls).toBe(round); // still readable, but not armed any more
      native.read(left, new Uint8Array(4), 0, 4);
    }

    expect(native.threadWaitUnref(handle)).toBe(0);
    expect(native.threadWaitRef(handle)).toBe(0);
    expect(native.threadWaitClose(handle)).toBe(0);
    for (const after of [native.threadWaitArm, native.threadWaitRef, native.threadWaitUnref])
      expect(after(handle)).toBe(-c.EBADF);
    expect(native.threadWaitClose(handle)).toBe(-c.EBADF);
  });

  test('keeps the process alive until it is unreferenced', async () => {
    const script = `
      const { epfd } = pair();
      const handle = native.threadWaitCreate(epfd, () => {});
      native.threadWaitArm(handle);
      setTimeout(() => { console.log('alive'); native.threadWaitUnref(handle); }, 50);
    `;
    expect(await run(script)).toEqual(passes('alive'));
  });

  test('may be closed in its callback, and what the callback throws is uncaught', async () => {
    const script = `
      const { epfd, far } = pair();
      const handle = native.threadWaitCreate(epfd, () => {
        native.threadWaitClose(handle);
        throw new Error('mine');
      });
      process.on('uncaughtException', (error) => console.log('uncaught', error.message));
      native.threadWaitArm(handle);
      native.write(far, byte, 0, 1);
    `;
    expect(await run(script)).toEqual(passes('uncaught mine'));
  });

  test('workers are terminated around it', async () => {
    const body = `
      const { epfd, near, far } = pair();
      const handle = native.threadWaitCreate(epfd, () => {
        native.read(near, byte, 0, 1);
        native.write(far, byte, 0, 1);
        native.threadWaitArm(handle);
      });
      native.write(far, byte, 0, 1);
      native.threadWaitArm(handle);
    `;
    expect(await run(terminated(body))).toEqual(passes('done'));
  });
});

describe.runIf(maybeWatch)('the libuv watcher', () => {
  const watch = maybeWatch as NonNullable<typeof maybeWatch>;
  /** An immediate runs after libuv has polled. */
  const turn = async () => {
    for (let i = 0; i < 10; i++) await new Promise((resolve) => setImmediate(resolve));
  };

  test('refuses what is of the wrong kind', () => {
    const epfd = own(native.epollCreate1());
    const create = watch.create as (...args: unknown[]) => number;
    const flag = new Int32Array(1);
    for (const args of [
      [],
      ['1', flag, () => {}],
      [epfd, new Uint32Array(1), () => {}],
      [epfd, new Int32Array(0), () => {}],
      [epfd, detached(new Int32Array(1)), () => {}],
      [epfd, flag, {}],
      [epfd, flag],
    ])
      expect(() => create(...args)).toThrow(/^argument \d: /);
    expect(watch.create(-1, flag, () => {})).toBe(-c.EBADF);
    const first = watch.create(epfd, flag, () => {});
    expect(first).toBeGreaterThan(0);
    expect(watch.start(first)).toBe(0);
    expect(watch.create(epfd, flag, () => {})).toBe(-c.EEXIST);
    expect(watch.close(first)).toBe(0);
    for (const after of [watch.start, watch.stop, watch.ref, watch.unref, watch.close]) {
      expect(after(first)).toBe(-c.EBADF);
      expect(() => after('1' as unknown as number)).toThrow(TypeError);
    }
  });

  test('calls while parked, and is stopped when nobody is', async () => {
    const [left, right] = pair();
    const epfd = watched(left, c.EPOLLIN);
    const flag = new Int32Array(1);
    let calls = 0;
    let onCall = () => {};
    const handle = watch.create(epfd, flag, () => {
      calls++;
      onCall();
    });

    native.write(right, bytes('x'), 0, 1);
    await turn();
    expect(calls).toBe(0); // created stopped

    onCall = () => {
      flag[0] = 0;
    };
    flag[0] = 1;
    expect([watch.start(handle), watch.start(handle)]).toEqual([0, 0]);
    await turn();
    expect(calls).toBe(1); // still readable, but nobody is parked

    flag[0] = 1;
    await turn();
    expect(calls).toBe(1); // and it has stopped

    onCall = () => {
      flag[0] = 0;
      if (calls < 5) void Promise.resolve().then(() => (flag[0] = 1));
    };
    watch.start(handle);
    await turn();
    expect(calls).toBe(5); // parked again in a microtask: it went on by itself

    flag[0] = 0;
    watch.start(handle);
    await turn();
    expect(calls).toBe(5); // readable and started, but nobody to call

    flag[0] = 1;
    watch.start(handle);
    expect([watch.stop(handle), watch.stop(handle)]).toEqual([0, 0]);
    await turn();
    expect(calls).toBe(5);
    watch.close(handle);
  });

  test('a detached flag is a flag of 0', async () => {
    const [left, right] = pair();
    const flag = new Int32Array([1]);
    let calls = 0;
    const handle = watch.create(watched(left, c.EPOLLIN), flag, () => {
      calls++;
      detached(flag);
    });
    native.write(right, bytes('x'), 0, 1);
    watch.start(handle);
    await turn();
    expect(calls).toBe(1);
    watch.close(handle);
  });

  test('lets the process end when nobody is parked, or when unreferenced', async () => {
    const ends = `
      const { epfd, far } = pair();
      const flag = new Int32Array([1]);
      const handle = watch.create(epfd, flag, () => { console.log('called'); flag[0] = 0; });
      watch.start(handle);
      setTimeout(() => native.write(far, byte, 0, 1), 20);
    `;
    expect(await run(ends)).toEqual(passes('called'));
    const unreferenced = `
      const handle = watch.create(pair().epfd, new Int32Array([1]), () => {});
      watch.start(handle);
      watch.unref(handle);
      process.on('exit', () => console.log('exit'));
    `;
    expect(await run(unreferenced)).toEqual(passes('exit'));
  });

  test('what the callback, its microtasks and its ticks throw is uncaught, as in Node', async () => {
    const script = `
      const { epfd, far } = pair();
      const flag = new Int32Array([1]);
      const order = [];
      let calls = 0;
      const handle = watch.create(epfd, flag, () => {
        order.push('call');
        process.nextTick(() => order.push('tick'));
        Promise.resolve().then(() => order.push('microtask'));
        calls++;
        if (calls === 1) throw new Error('callback');
        if (calls === 2) process.nextTick(() => { throw new Error('tick'); });
        if (calls === 3) queueMicrotask(() => { throw new Error('microtask'); });
        if (calls === 4) Promise.reject(new Error('rejection'));
        if (calls === 5) flag[0] = 0;
      });
      process.on('uncaughtException', (error) => order.push('uncaught ' + error.message));
      process.on('exit', () => console.log(calls, order.filter((o) => o.startsWith('unc')).join(), 
        order.filter((o) => o === 'tick').length, order.filter((o) => o === 'microtask').length));
      native.write(far, byte, 0, 1);
      watch.start(handle);
    `;
    expect(await run(script)).toEqual(
      passes('5 uncaught callback,uncaught tick,uncaught microtask,uncaught rejection 5 5'),
    );
    const fatal = `
      const { epfd, far } = pair();
      const handle = watch.create(epfd, new Int32Array([1]), () => { throw new Error('mine'); });
      native.write(far, byte, 0, 1);
      watch.start(handle);
    `;
    const died = await run(fatal);
    expect({ status: died.status, signal: died.signal }).toEqual({ status: 1, signal: null });
    expect(died.output).toContain('Error: mine');
  });

  test('may be closed in its callback, also with its descriptor, and made anew', async () => {
    const script = `
      let rounds = 0;
      (function round() {
        const { epfd, far, near } = pair();
        const flag = new Int32Array([1]);
        const handle = watch.create(epfd, flag, () => {
          watch.close(handle);
          for (const fd of [epfd, far, near]) native.close(fd);
          if (++rounds < 100) round(); else console.log(rounds);
        });
        native.write(far, byte, 0, 1);
        watch.start(handle);
      })();
    `;
    expect(await run(script)).toEqual(passes('100'));
  });

  test('process.exit in the callback', async () => {
    const script = `
      const { epfd, far } = pair();
      const handle = watch.create(epfd, new Int32Array([1]), () => process.exit(3));
      native.write(far, byte, 0, 1);
      watch.start(handle);
    `;
    expect(await run(script)).toEqual({ status: 3, signal: null, output: '' });
  });

  test.each([
    ['waiting', ''],
    ['busy', 'native.write(far, byte, 0, 1);'],
    ['spinning in the callback', 'native.write(far, byte, 0, 1); spin = true;'],
    ['closing', 'native.write(far, byte, 0, 1); setTimeout(() => watch.close(handle), 200);'],
  ])('workers are terminated while they are %s', async (_, start) => {
    const body = `
      let spin = false;
      const { epfd, far } = pair();
      const handle = watch.create(epfd, new Int32Array([1]), () => { while (spin); });
      watch.start(handle);
      ${start}
    `;
    expect(await run(terminated(body))).toEqual(passes('done'));
  });

  test('other work of the process goes on', async () => {
    const server = createServer().listen(0, '127.0.0.1');
    const handle = watch.create(own(native.epollCreate1()), new Int32Array([1]), () => {});
    watch.start(handle);
    await new Promise((resolve) => server.once('listening', resolve));
    await new Promise((resolve) => server.close(resolve));
    watch.close(handle);
  });
});
