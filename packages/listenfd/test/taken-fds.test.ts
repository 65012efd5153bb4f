import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { expect, it } from 'vitest';
import { ListenFds, Notifier, parseListenFds, parseNotifySocket } from '../src/index.ts';
import { SharedBits } from '../src/taken-fds.ts';

it('a descriptor is taken once, whoever shares the memory', () => {
  const memory = new SharedArrayBuffer(16);
  const [one, other] = [new SharedBits(memory), new SharedBits(memory)];
  for (const fd of [3, 4, 31, 32, 63, 100]) {
    expect([one.has(fd), other.has(fd)]).toEqual([false, false]);
    expect(one.take(fd)).toBe(true);
    expect([one.has(fd), other.has(fd)]).toEqual([true, true]);
    expect([one.take(fd), other.take(fd)]).toEqual([false, false]);
  }
  expect(one.has(5)).toBe(false);
  expect(other.take(5)).toBe(true);
});

it('the messages name what is invalid', () => {
  const env = (NOTIFY_SOCKET: string) => ({ NOTIFY_SOCKET });
  expect(() => parseNotifySocket(env('vsock:2:1'), 1)).toThrow(
    'NOTIFY_SOCKET is vsock:2:1: no backend has vsock sockets',
  );
  expect(() => parseNotifySocket(env('relative'), 1)).toThrow(
    'NOTIFY_SOCKET must be an absolute path or @ and a name, not "relative"',
  );
  expect(parseNotifySocket(env('/run/vsock:1'), 1)).toEqual({
    path: '/run/vsock:1',
    watchdogMs: undefined,
  });
  const notifier = new Notifier();
  expect(() => notifier.notify({ lower: 1 })).toThrow(
    'invalid name: "lower" (expected an assignment\'s name)',
  );
  expect(() => notifier.notify({ STATUS: 'a\nb' })).toThrow(
    'invalid STATUS: "a\\nb" (expected a single line)',
  );
  notifier[Symbol.dispose]();
  expect(() => notifier.notify({ READY: 1 })).toThrow(/the notifier/);
});

it.each(['1x', 'x1', '', '0'])('WATCHDOG_USEC=%j is not a number', (WATCHDOG_USEC) => {
  expect(() => parseNotifySocket({ NOTIFY_SOCKET: '/a', WATCHDOG_USEC }, 1)).toThrow(RangeError);
});

it('the largest numbers are valid', () => {
  const WATCHDOG_USEC = String(Number.MAX_SAFE_INTEGER);
  expect(parseNotifySocket({ NOTIFY_SOCKET: '/a', WATCHDOG_USEC }, 1).watchdogMs).toBe(
    Number.MAX_SAFE_INTEGER / 1000,
  );
  expect(parseNotifySocket({ WATCHDOG_USEC }, 1)).toEqual({
    path: undefined,
    watchdogMs: undefined,
  });
  const { descriptors } = parseListenFds({ LISTEN_FDS: '65535' }, null);
  expect(descriptors.length).toBe(65_533 + 2);
});

it('an environment of its own does not count what the process has taken', () => {
  const inherited = ListenFds.fromEnvironment({ env: { LISTEN_FDS: '2' }, pid: null });
  expect(inherited.left.map(({ fd }) => fd)).toEqual([3, 4]);
  expect(inherited.take()?.fd).toBe(3);
  expect(inherited.left.map(({ fd }) => fd)).toEqual([4]);
  expect(inherited.take('none')).toBeUndefined();
});

it('a datagram socket does not listen', async () => {
  const { socketKind } = await import('../src/index.ts');
  const socket = createSocket('udp4').bind(0, '127.0.0.1');
  await once(socket, 'listening');
  const { fd } = (socket as never as { _handle: { fd: number } })._handle;
  const linux = { family: 'IPv4', type: 'datagram', listening: false };
  expect(socketKind(fd)).toEqual(process.platform === 'linux' ? linux : undefined);
  socket.close();
});
