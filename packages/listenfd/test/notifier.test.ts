import { isEvloopError, WouldBlock } from '@evloop/core';
import { describe, expect, it } from 'vitest';
import { Notifier, parseNotifySocket } from '../src/index.ts';

const PID = 4711;

/** A backend whose sockets keep what they are given to send. */
function recording(): { name: string; UnixDatagram: { unbound(): Recorder }; sent: string[] } {
  const sent: string[] = [];
  return { name: 'recording', UnixDatagram: { unbound: () => new Recorder(sent) }, sent };
}

class Recorder {
  full = false;
  closed = 0;
  readonly #sent: string[];

  constructor(sent: string[]) {
    this.#sent = sent;
  }

  sendTo(buffer: Uint8Array, path: string): number | WouldBlock {
    if (this.full) return WouldBlock;
    this.#sent.push(`${path} ${new TextDecoder().decode(buffer)}`);
    return buffer.length;
  }
  close(): void {
    this.closed++;
  }
}

const thrown = (run: () => unknown): unknown => {
  try {
    run();
  } catch (error) {
    return error;
  }
  return undefined;
};

describe('parseNotifySocket', () => {
  it.each([
    ['/run/systemd/notify', '/run/systemd/notify'],
    ['@name', '\0name'],
    [`/${'x'.repeat(106)}`, `/${'x'.repeat(106)}`],
    [`@${'x'.repeat(107)}`, `\0${'x'.repeat(107)}`],
  ])('takes %s', (socket, path) => {
    expect(parseNotifySocket({ NOTIFY_SOCKET: socket }, PID)).toEqual({
      path,
      watchdogMs: undefined,
    });
  });

  it.each(['', '/', '@', 'relative/path', `/${'x'.repeat(107)}`, `@${'ä'.repeat(54)}`])(
    'refuses NOTIFY_SOCKET=%j',
    (socket) => {
      expect(() => parseNotifySocket({ NOTIFY_SOCKET: socket }, PID)).toThrow(RangeError);
    },
  );

  it.each(['vsock:2:1234', 'vsock-stream:2:1234'])('has no %s', (socket) => {
    const error = thrown(() => parseNotifySocket({ NOTIFY_SOCKET: socket }, PID));
    expect(isEvloopError(error, 'EVLOOP_UNSUPPORTED')).toBe(true);
  });

  it.each([
    ['of this process', { WATCHDOG_USEC: '30000000', WATCHDOG_PID: `${PID}` }, 30_000],
    ['of the process that has the variables', { WATCHDOG_USEC: '1500' }, 1.5],
    ['of another process', { WATCHDOG_USEC: '30000000', WATCHDOG_PID: '1' }, undefined],
    ['without an interval', { WATCHDOG_PID: `${PID}` }, undefined],
  ])('knows the watchdog %s', (_, variables, watchdogMs) => {
    const env = { NOTIFY_SOCKET: '/x', ...variables };
    expect(parseNotifySocket(env, PID).watchdogMs).toBe(watchdogMs);
    const { NOTIFY_SOCKET: _socket, ...without } = env;
    expect(parseNotifySocket(without, PID).watchdogMs).toBeUndefined();
  });

  it('does not look at WATCHDOG_PID when it is told not to', () => {
    const env = { NOTIFY_SOCKET: '/x', WATCHDOG_USEC: '1000', WATCHDOG_PID: '1' };
    expect(parseNotifySocket(env, null).watchdogMs).toBe(1);
  });

  it.each([
    ['WATCHDOG_USEC', ''],
    ['WATCHDOG_USEC', '0'],
    ['WATCHDOG_USEC', '-1'],
    ['WATCHDOG_USEC', '1s'],
    ['WATCHDOG_USEC', '18446744073709551615'],
    ['WATCHDOG_PID', 'self'],
  ])('refuses %s=%j', (variable, value) => {
    const env = { NOTIFY_SOCKET: '/x', WATCHDOG_USEC: '1', [variable]: value };
    expect(() => parseNotifySocket(env, PID)).toThrow(
      `${variable} must be a number from 1, not ${JSON.stringify(value)}`,
    );
  });
});

describe('Notifier', () => {
  const env = () => ({ NOTIFY_SOCKET: '@s', WATCHDOG_USEC: '2000', WATCHDOG_PID: `${PID}` });

  it('sends one message each', () => {
    const backend = recording();
    const notifier = Notifier.fromEnvironment(backend, { env: env(), pid: PID });
    expect([notifier.enabled, notifier.watchdogMs]).toEqual([true, 2]);
    expect([
      notifier.ready(),
      notifier.ready('Accepting connections'),
      notifier.status('50 % done'),
      notifier.watchdog(),
      notifier.stopping(),
      notifier.stopping('Draining'),
      notifier.notify({ MAINPID: 12, X_OURS: 'a=b' }),
    ]).toEqual(Array(7).fill(true));
    expect(backend.sent).toEqual([
      '\0s READY=1',
      '\0s READY=1\nSTATUS=Accepting connections',
      '\0s STATUS=50 % done',
      '\0s WATCHDOG=1',
      '\0s STOPPING=1',
      '\0s STOPPING=1\nSTATUS=Draining',
      '\0s MAINPID=12\nX_OURS=a=b',
    ]);
  });

  it('says when the reload began, in microseconds of the monotonic clock', () => {
    const backend = recording();
    const notifier = Notifier.fromEnvironment(backend, { env: env(), pid: PID });
    const before = process.hrtime.bigint();
    notifier.reloading('Reading the configuration');
    const after = process.hrtime.bigint();
    const match = /^\0s RELOADING=1\nMONOTONIC_USEC=(\d+)\nSTATUS=Reading the configuration$/.exec(
      backend.sent[0] ?? '',
    );
    const usec = BigInt(match?.[1] ?? 0);
    expect(usec >= before / 1000n && usec <= after / 1000n).toBe(true);
  });

  it('answers false to everything outside of a supervisor, and needs no socket', () => {
    const notifier = Notifier.fromEnvironment({ name: 'net' }, { env: {}, pid: PID });
    expect([notifier.enabled, notifier.watchdogMs]).toEqual([false, undefined]);
    expect([notifier.ready(), notifier.reloading(), notifier.status('x')]).toEqual(
      Array(3).fill(false),
    );
    notifier.close();
    expect(
      isEvloopError(
        thrown(() => notifier.ready()),
        'EVLOOP_CLOSED',
      ),
    ).toBe(true);
  });

  it.each([
    ['a backend without', { name: 'net' }, /the backend 'net' has no Unix datagram sockets/],
    ['no backend', {}, /there are no Unix datagram sockets/],
  ])('throws EVLOOP_UNSUPPORTED if a supervisor listens and there is %s', (_, backend, message) => {
    const error = thrown(() => Notifier.fromEnvironment(backend, { env: env(), pid: PID }));
    expect(isEvloopError(error, 'EVLOOP_UNSUPPORTED')).toBe(true);
    expect(String(error)).toMatch(message);
  });

  it.each([
    ['they were used', recording(), {}],
    ['there is no socket for them', { name: 'net' }, {}],
    ['they are malformed', recording(), { NOTIFY_SOCKET: 'x' }],
  ])('removes the variables when %s', (_, backend, wrong) => {
    const variables = { ...env(), ...wrong, OTHER: 'stays' };
    thrown(() => Notifier.fromEnvironment(backend, { env: variables, pid: PID }));
    expect(variables).toEqual({ OTHER: 'stays' });
  });

  it('answers WouldBlock while the supervisor does not read, and passes on what the socket throws', () => {
    const socket = new Recorder([]);
    const notifier = new Notifier(socket, '/x');
    socket.full = true;
    expect(notifier.ready()).toBe(WouldBlock);
    socket.full = false;
    expect(notifier.ready()).toBe(true);
    const failing = new Notifier(
      Object.assign(new Recorder([]), {
        sendTo: () => {
          throw new Error('ECONNREFUSED');
        },
      }),
      '/x',
    );
    expect(() => failing.ready()).toThrow('ECONNREFUSED');
  });

  it.each([
    ['ready', 1],
    ['', 1],
    ['1A', 1],
    ['A=B', 1],
    ['STATUS', 'two\nlines'],
    ['STATUS', 'a\0b'],
  ])('refuses the assignment %j=%j, and sends nothing', (name, value) => {
    const backend = recording();
    const notifier = Notifier.fromEnvironment(backend, { env: env(), pid: PID });
    expect(() => notifier.notify({ READY: 1, [name]: value })).toThrow(TypeError);
    expect(backend.sent).toEqual([]);
  });

  it('closes its socket once', () => {
    const socket = new Recorder([]);
    const notifier = new Notifier(socket, '/x');
    notifier.close();
    notifier[Symbol.dispose]();
    expect(socket.closed).toBe(1);
    expect(
      isEvloopError(
        thrown(() => notifier.watchdog()),
        'EVLOOP_CLOSED',
      ),
    ).toBe(true);
  });
});
