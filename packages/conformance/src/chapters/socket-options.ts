import assert from 'node:assert/strict';
import type { Backend, SocketOptionName, SocketOptions, SocketWithOptions } from '@evloop/core';
import { SOCKET_OPTION_FORMS } from '@evloop/core/backend';
import type { Context } from '../context.ts';
import { bindUdp } from '../datagrams.ts';
import { expectCode } from '../expect-error.ts';
import { R, T } from '../shorthand.ts';
import type { Suite } from '../suite.ts';

interface Sample {
  readonly value: unknown;
  /** Checks the value that is read, if it differs from the one that was set. */
  readonly kept?: (read: unknown) => boolean;
  /** Whether it can be set only at `bind` or `connect`. */
  readonly early?: true;
  /** Whether it needs an IPv6 socket. */
  readonly six?: true;
  /** Whether the system may require privileges for it: `EPERM`. */
  readonly privileged?: true;
}

const atLeast =
  (least: number) =>
  (read: unknown): boolean =>
    Number(read) >= least;
const anything = (): boolean => true;

/** A sample value of each option of the catalogue. */
const SAMPLES: Readonly<Record<SocketOptionName, Sample>> = {
  keepAlive: { value: true },
  keepIdle: { value: 29_500, kept: (read) => read === 30_000 },
  keepInterval: { value: 5000 },
  keepCount: { value: 4 },
  userTimeout: { value: 12_345 },
  linger: { value: 0 },
  nodelay: { value: true },
  cork: { value: true },
  notSentLowat: { value: 16_384 },
  // Once connected, the kernel decides when it acknowledges.
  quickAck: { value: false, kept: anything },
  deferAccept: { value: 3000, kept: atLeast(3000) },
  fastOpen: { value: 5 },
  fastOpenConnect: { value: true, early: true },
  recvBufferSize: { value: 65_536, kept: atLeast(65_536) },
  sendBufferSize: { value: 65_536, kept: atLeast(65_536) },
  tos: { value: 0x10 },
  trafficClass: { value: 0x20, six: true },
  mark: { value: 42, privileged: true },
  priority: { value: 3 },
  bindToDevice: { value: '' },
  freeBind: { value: true },
  transparent: { value: true, privileged: true },
  bindAddressNoPort: { value: true },
  busyPoll: { value: 0.05, privileged: true },
  // The value of a connection depends on where its segments arrive.
  incomingCpu: { value: 0, kept: anything },
  ipv6Only: { value: true, early: true, six: true },
  reuseAddr: { value: true, early: true },
  reusePort: { value: true, early: true },
  // It requires `reusePort`, and has a chapter of its own.
  steering: { value: null },
  packetInfo: { value: true },
  recvTos: { value: true },
  recvTtl: { value: true },
  recvTimestamps: { value: true },
  sendTimestamps: { value: true },
  txTime: { value: 'monotonic' },
  recvErrors: { value: true },
  pathMtuDiscovery: { value: 'do' },
};
const NAMES = Object.keys(SOCKET_OPTION_FORMS) as SocketOptionName[];

/** Makes a socket of one kind. */
type Make = (
  context: Context,
  address: string,
  options?: SocketOptions,
) => Promise<SocketWithOptions>;

/** The options of TCP sockets by name. */
export function socketOptions(suite: Suite): void {
  const { server, client } = suite;
  const { tcpStreamOptions } = client.supports;
  const { tcpListenerOptions } = server.supports;
  const listen: Make = (context, address, socket) => context.listen(address, { socket });
  const connect: Make = async (context, address, socket) => {
    const listener = await context.listen(address);
    const stream = context.connect(listener, { socket });
    await context.establish(listener, stream);
    return stream;
  };
  catalogue(suite, 'TCP streams', tcpStreamOptions, connect);
  catalogue(suite, 'TCP listeners', tcpListenerOptions, listen);
  refusesNumbers(suite, [
    [client, connect],
    [server, listen],
  ]);

  const inherited = tcpListenerOptions.filter((name) => ['nodelay', 'keepAlive'].includes(name));
  suite.testIf(
    inherited.length > 0,
    'tcpListenerOptions',
    'accepted streams inherit the options of their listener',
    async (context) => {
      const socket = Object.fromEntries(inherited.map((name) => [name, true]));
      const { server } = await context.pair(await context.listen('127.0.0.1:0', { socket }));
      for (const name of inherited) assert.equal(server.socketOption(name), true, name);
      server.setSocketOption('nodelay', false);
      assert.equal(server.nodelay(), false);
      const other = await context.pair();
      assert.equal(other.server.nodelay(), false);
    },
  );

  suite.testIf(
    tcpStreamOptions.includes('linger'),
    'tcpStreamOptions',
    'with linger 0, closing resets; with null, it ends the stream normally',
    async (context) => {
      for (const linger of [0, null] as const) {
        const { client, server } = await context.pair();
        client.setSocketOption('linger', 0);
        client.setSocketOption('linger', linger);
        client.close();
        const poll = context.newPoll();
        poll.registry.register(server, T[0], R);
        let end: unknown;
        const ended = (): boolean => {
          end = outcome(() => server.read(new Uint8Array(1)));
          return typeof end !== 'symbol';
        };
        await context.until('the other end learns of it', ended, poll);
        assert.equal(end, linger === 0 ? 'ECONNRESET' : 0);
      }
    },
  );
}

/** The options of UDP sockets by name. */
export function udpSocketOptions(suite: Suite): void {
  const bind: Make = (context, address, socket) =>
    bindUdp(context, context.server, address, { socket });
  catalogue(suite, 'UDP sockets', suite.server.supports.udpOptions, bind);
  refusesNumbers(suite, [[suite.server, bind]]);
}

function catalogue(
  suite: Suite,
  kind: string,
  known: readonly SocketOptionName[],
  make: Make,
): void {
  suite.test(`every listed option of ${kind} is set and read`, async (context) => {
    for (const name of known) await setAndRead(context, name, make);
  });

  suite.test(`every unlisted option of ${kind} is EVLOOP_UNSUPPORTED`, async (context) => {
    const socket = await make(context, '127.0.0.1:0');
    for (const name of NAMES.filter((name) => !known.includes(name))) {
      const { value } = SAMPLES[name];
      expectCode(() => socket.socketOption(name), 'EVLOOP_UNSUPPORTED');
      expectCode(() => socket.setSocketOption(name, value as never), 'EVLOOP_UNSUPPORTED');
      const early = async (): Promise<unknown> => make(context, '127.0.0.1:0', { [name]: value });
      await assert.rejects(early, { code: 'EVLOOP_UNSUPPORTED' }, name);
    }
  });

  suite.test(`invalid options of ${kind} throw, and change nothing`, async (context) => {
    const socket = await make(context, '127.0.0.1:0');
    for (const name of ['toString', 'nothing', ''] as string[] as SocketOptionName[]) {
      assert.throws(() => socket.socketOption(name), TypeError);
      assert.throws(() => socket.setSocketOption(name, 1 as never), TypeError);
      const early = async (): Promise<unknown> => make(context, '127.0.0.1:0', { [name]: 1 });
      await assert.rejects(early, TypeError);
    }
    for (const name of known) {
      for (const wrong of wrongValues(name)) {
        const set = (): void => socket.setSocketOption(name, wrong as never);
        assert.throws(set, /TypeError|RangeError/, `${name} ${String(wrong)}`);
        if (wrong === undefined) continue;
        const early = async (): Promise<unknown> => make(context, '127.0.0.1:0', { [name]: wrong });
        await assert.rejects(early, /TypeError|RangeError/, `${name} ${String(wrong)}`);
      }
    }
  });

  suite.test(`the options of a closed socket throw EVLOOP_CLOSED (${kind})`, async (context) => {
    const socket = await make(context, '127.0.0.1:0');
    (socket as unknown as { close(): void }).close();
    for (const name of NAMES) {
      expectCode(() => socket.socketOption(name), 'EVLOOP_CLOSED');
      expectCode(() => socket.setSocketOption(name, SAMPLES[name].value as never), 'EVLOOP_CLOSED');
    }
    expectCode(() => socket.getOption(1, 1), 'EVLOOP_CLOSED');
    expectCode(() => socket.setOption(1, 1, new Uint8Array(4)), 'EVLOOP_CLOSED');
  });
}

/** The negative twin of options by number, for backends that lack them. */
function refusesNumbers(suite: Suite, kinds: readonly [owner: Backend, make: Make][]): void {
  const lacking = kinds.filter(([{ supports }]) => !supports.rawOptions);
  suite.testUnsupported(lacking.length === 0, 'rawOptions', async (context) => {
    for (const [, make] of lacking) {
      const socket = await make(context, '127.0.0.1:0');
      expectCode(() => socket.getOption(1, 1), 'EVLOOP_UNSUPPORTED');
      expectCode(() => socket.setOption(1, 1, new Uint8Array(4)), 'EVLOOP_UNSUPPORTED');
    }
  });
}

async function setAndRead(context: Context, name: SocketOptionName, make: Make): Promise<void> {
  const { value, kept = (read) => Object.is(read, value), early, six, privileged } = SAMPLES[name];
  const address = six ? '[::1]:0' : '127.0.0.1:0';
  const check = (socket: SocketWithOptions): void => {
    const read = socket.socketOption(name);
    assert.ok(kept(read), `${name}: ${String(read)} is read`);
  };
  const permitted = async (act: () => Promise<void>): Promise<void> => {
    try {
      await act();
    } catch (error) {
      if (!privileged || (error as { code?: unknown }).code !== 'EPERM') throw error;
    }
  };
  await permitted(async () => check(await make(context, address, { [name]: value })));
  const socket = await make(context, address);
  socket.socketOption(name);
  if (early) return;
  await permitted(async () => {
    socket.setSocketOption(name, value as never);
    check(socket);
  });
}

function wrongValues(name: SocketOptionName): unknown[] {
  const form = SOCKET_OPTION_FORMS[name];
  switch (form.as) {
    case 'flag':
      return [1, 'true', null, undefined];
    case 'choice':
      return ['other', 1, true, null, undefined];
    case 'steering':
      return [1, 'cpu', { by: 'byte', offset: -1, sockets: 2 }, { by: 'cpu', sockets: 0 }];
    case 'name':
      return ['a-name-of-an-interface', 'a\0b', 1, undefined];
    case 'integer':
      return [form.least - 1, form.most + 1, 1.5, '1', Number.NaN, undefined];
    default:
      return [-1, Number.NaN, '1', Number.POSITIVE_INFINITY, undefined];
  }
}

function outcome(act: () => unknown): unknown {
  try {
    return act();
  } catch (error) {
    return (error as { code?: unknown }).code;
  }
}
