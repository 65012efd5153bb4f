import { describe, expect, test } from 'vitest';
import { type Binding, MESSAGE_WORDS, NAME_SIZE, WORDS } from '../../src/native/binding.ts';
import { batchOf, bytes, c, detached, ipv4, native, nothing, pair } from './raw-descriptors.ts';

/** Like the table in native/addon.c, but `s` is written out. */
const takes: Record<Exclude<keyof Binding, 'constants'>, string> = {
  epollCreate1: '',
  epollCtl: 'iiiuuu',
  epollWait: 'ibuui',
  eventfd: 'u',
  timerfdCreate: '',
  timerfdSettime: 'iuu',
  own: 'i',
  disown: 'i',
  poll: 'ii',
  closeAtExit: 'iS',
  share: 'W',
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
  attachReuseport: 'ib',
  ifNametoindex: 'ib',
  recv: 'ibuui',
  recvfrom: 'ibuuiR',
  recvmmsg: 'iBuui',
  recvmsgFds: 'ibuu0wi',
  recvmsg: 'ibuuiRm',
  send: 'ibuuf',
  sendto: 'ibuufn',
  sendmsg: 'ibuufnm',
  sendmmsg: 'iBuuf',
  sendmsgFds: 'ibuu0f',
  read: 'ibuu',
  write: 'ibuu',
  readv: 'iv',
  writev: 'iv',
  close: 'i',
  pipe2: '2',
  fcntl: 'iii',
  ioctl: 'iu1',
  corkCreate: 'iKi',
  corkFlush: 'h',
  corkWait: 'ibuui',
  corkCopy: 'ibuui',
  corkClose: 'h',
  ioUringProbe: '',
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
    case 'B':
      return batchOf(1, 4).memory;
    case 'n':
      return ipv4(1);
    case 'w':
    case 'm':
      return new Uint32Array(64);
    case 'v':
      return [new Uint8Array(1)];
    case 'c':
      return () => {};
    case 'S':
      return new Int32Array(new SharedArrayBuffer(8));
    case 'W':
      return new Int32Array(new SharedArrayBuffer(4 * (WORDS + MESSAGE_WORDS) + NAME_SIZE));
    case 'K':
      return new Int32Array(new SharedArrayBuffer(8192));
    default:
      return new Int32Array(2);
  }
}

const numbers = [Number.NaN, Infinity, 0.5, 2 ** 32, -(2 ** 32), '1', 1n, null, undefined, {}];
const arrays = [null, undefined, 1, 'text', {}, [1], new ArrayBuffer(8), new Float64Array(8)];

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
    case 'B':
      return [...refused('b'), new Uint8Array(7), batchOf(1, 4).memory.subarray(0, 50)];
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
    case 'm':
      return [...refused('w'), new Uint32Array(MESSAGE_WORDS - 1)];
    case 'v':
      return [...arrays.filter((value) => value !== arrays[5]), [1], [new Int8Array(1)]];
    case 'c':
      return arrays;
    case 'S':
      return [...arrays, new Uint32Array(4), new Int32Array(2), detached(new Int32Array(2))];
    case 'W':
      return [...refused('S'), new Int32Array(64), new Int32Array(new SharedArrayBuffer(144))];
    case 'K':
      return [...refused('S'), new Int32Array(new SharedArrayBuffer(4096)), new Int32Array(2048)];
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
    // These take no descriptor first, or take -1 for none.
    const others = ['socket', 'socketpair', 'poll', 'ifNametoindex', 'corkCreate'];
    if ('ih'.includes(kinds[0] ?? '-') && ![...others, 'threadWaitCreate'].includes(name))
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
