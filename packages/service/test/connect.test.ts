import { once } from 'node:events';
import { type AddressInfo, createServer } from 'node:net';
import type { SystemError, TcpStream } from '@evloop/core';
import { describe, expect, it } from 'vitest';
import { type ConnectOptions, connect, type LookupAddress, Loop } from '../src/index.ts';
import { connect as connectOnNode, resolver } from '../src/node/index.ts';
import { atEnd, loopOf, own, runUntil, systemWays } from './fixture.ts';
import { randomOf } from './random.ts';
import { type Outcome, VirtualNetwork, type VirtualStream } from './virtual-network.ts';

const v4 = (n: number): LookupAddress => ({ address: `10.0.0.${n}`, family: 4 });
const v6 = (n: number): LookupAddress => ({ address: `fd00::${n}`, family: 6 });
const connects = (afterMs: number): Outcome => ({ kind: 'connects', afterMs });
const refuses = (afterMs: number): Outcome => ({ kind: 'refuses', afterMs });
const drops: Outcome = { kind: 'drops', afterMs: 0 };
const throws: Outcome = { kind: 'throws', afterMs: 0 };

interface Result {
  /** The address that was connected to, or the code of the error. */
  readonly end: string | undefined;
  /** When, in milliseconds. */
  readonly at: number;
  /** The attempts, as `address@time`. */
  readonly attempts: string[];
  readonly error: (Error & { code?: string; errors?: SystemError[] }) | undefined;
  readonly open: VirtualStream[];
  readonly winner: VirtualStream | undefined;
  readonly left: number;
}

/** Connects in virtual time. */
async function attempt(
  network: VirtualNetwork,
  options: ConnectOptions,
  host = 'example.test',
): Promise<Result> {
  const loop = own(new Loop(network.backend, { clock: network.clock }));
  let error: Result['error'];
  let winner: VirtualStream | undefined;
  try {
    const connecting = connect(loop, { host, port: 80 }, options);
    winner = (await runUntil(loop, connecting)) as unknown as VirtualStream;
  } catch (thrown) {
    error = thrown as Error;
  }
  return {
    end: winner?.address ?? error?.code,
    at: network.clock.time,
    attempts: network.streams.map(({ address, startedAt }) => `${address}@${startedAt}`),
    error,
    open: network.streams.filter(({ closed }) => !closed),
    winner,
    left: loop.size + loop.deadlines.size,
  };
}

function networkOf(...pairs: [LookupAddress, Outcome][]): [VirtualNetwork, LookupAddress[]] {
  const outcomes = new Map(pairs.map(([{ address }, outcome]) => [address, outcome]));
  return [new VirtualNetwork(outcomes), pairs.map(([address]) => address)];
}

const listed = (addresses: readonly LookupAddress[]) => ({ lookup: async () => addresses });

describe('connect by Happy Eyeballs, in virtual time', () => {
  it('interleaves the families and begins with that of the first address', async () => {
    const [network, list] = networkOf(
      [v6(1), drops],
      [v6(2), drops],
      [v6(3), drops],
      [v4(1), drops],
      [v4(2), drops],
    );
    const result = await attempt(network, { ...listed(list), maxInFlight: 10 });
    expect(result.attempts).toEqual([
      'fd00::1@0',
      '10.0.0.1@250',
      'fd00::2@500',
      '10.0.0.2@750',
      'fd00::3@1000',
    ]);
    expect([result.end, Math.floor(result.at / 1000)]).toEqual(['ETIMEDOUT', 10]);
  });

  it('tries as many of the first family first as it is told', async () => {
    const [network, list] = networkOf(
      [v4(1), drops],
      [v4(2), drops],
      [v4(3), drops],
      [v6(1), drops],
    );
    const result = await attempt(network, { ...listed(list), firstFamilyCount: 2 });
    expect(result.attempts.map((each) => each.split('@')[0])).toEqual([
      '10.0.0.1',
      '10.0.0.2',
      'fd00::1',
      '10.0.0.3',
    ]);
  });

  it('does not give a slow attempt up when the next begins: slow IPv4, then unroutable IPv6', async () => {
    const [network, list] = networkOf([v4(1), connects(1000)], [v6(1), throws]);
    const result = await attempt(network, listed(list));
    expect([result.end, result.at]).toEqual(['10.0.0.1', 1000]);
  });

  it('gets the answer of a slow address although the next is dropped', async () => {
    const [network, list] = networkOf([v4(1), connects(1000)], [v4(2), drops]);
    const result = await attempt(network, listed(list));
    expect([result.end, result.at]).toEqual(['10.0.0.1', 1000]);
    expect(result.open).toEqual([result.winner]);
  });

  it('begins the next attempt at once when one fails', async () => {
    const [network, list] = networkOf([v6(1), refuses(5)], [v6(2), throws], [v4(1), connects(10)]);
    const result = await attempt(network, listed(list));
    expect(result.attempts).toEqual(['fd00::1@0', '10.0.0.1@5']);
    expect([result.end, result.at]).toEqual(['10.0.0.1', 15]);
  });

  it('has four attempts under way at most', async () => {
    const list = Array.from({ length: 6 }, (_, i) => v4(i + 1));
    const outcomes = new Map<string, Outcome>([['10.0.0.2', refuses(2000)]]);
    const network = new VirtualNetwork(outcomes);
    const result = await attempt(network, listed(list));
    expect(result.attempts).toEqual([
      '10.0.0.1@0',
      '10.0.0.2@250',
      '10.0.0.3@500',
      '10.0.0.4@750',
      '10.0.0.5@2250',
    ]);
  });

  it('names every attempt in an AggregateError', async () => {
    const [network, list] = networkOf([v4(1), refuses(1)], [v6(1), throws], [v4(2), drops]);
    const { error } = await attempt(network, { ...listed(list), timeoutMs: 3000 });
    expect(error?.message).toBe(
      'cannot connect to example.test:80: connect ECONNREFUSED 10.0.0.1:80; ' +
        'connect ENETUNREACH fd00::1:80; connect ETIMEDOUT 10.0.0.2:80',
    );
    expect(error?.code).toBe('ETIMEDOUT');
    expect(error?.errors?.map(({ code }) => code)).toEqual([
      'ECONNREFUSED',
      'ENETUNREACH',
      'ETIMEDOUT',
    ]);
  });

  it('rejects with the error itself when there was one attempt', async () => {
    const network = new VirtualNetwork(new Map([['10.0.0.9', refuses(3)]]));
    const { error } = await attempt(network, {}, '10.0.0.9');
    expect(error?.message).toBe('connect ECONNREFUSED 10.0.0.9:80');
  });

  it('lets IPv4 wait 50 ms for IPv6, and no longer', async () => {
    for (const [lateMs, first] of [
      [30, 'fd00::1@30'],
      [80, '10.0.0.1@50'],
    ] as const) {
      const [network] = networkOf([v4(1), connects(500)], [v6(1), connects(500)]);
      async function* lookup() {
        yield [v4(1)];
        await network.sleep(lateMs);
        yield [v6(1)];
      }
      const result = await attempt(network, { lookup });
      expect(result.attempts[0]).toBe(first);
    }
  });

  it('begins at once with IPv6, and adds IPv4 when it arrives', async () => {
    const [network] = networkOf([v4(1), connects(10)], [v6(1), drops]);
    async function* lookup() {
      yield [v6(1)];
      await network.sleep(400);
      yield [v4(1)];
    }
    const result = await attempt(network, { lookup });
    expect(result.attempts).toEqual(['fd00::1@0', '10.0.0.1@400']);
    expect(result.at).toBe(410);
  });

  it('waits for more addresses when all that it has had failed', async () => {
    const [network] = networkOf([v4(1), connects(1)], [v6(1), throws]);
    async function* lookup() {
      yield [v6(1)];
      await network.sleep(1000);
      yield [v4(1)];
    }
    expect((await attempt(network, { lookup })).end).toBe('10.0.0.1');
  });

  it('rejects with the error of the lookup, and when that takes too long', async () => {
    const network = new VirtualNetwork(new Map());
    const failing = { lookup: () => Promise.reject(new Error('no such name')) };
    expect((await attempt(network, failing)).error?.message).toBe('no such name');
    const stuck = { lookup: () => new Promise<never>(() => {}), timeoutMs: 20 };
    const { error } = await attempt(network, stuck);
    expect([error?.code, error?.message]).toEqual([
      'ETIMEDOUT',
      'no address of example.test in 20 ms',
    ]);
    expect((await attempt(network, listed([]))).error?.message).toBe('example.test has no address');
  });

  it('closes all attempts when its signal aborts', async () => {
    const [network, list] = networkOf([v4(1), drops], [v4(2), drops]);
    const abort = new AbortController();
    network.at(600, () => abort.abort(new Error('enough')));
    const result = await attempt(network, { ...listed(list), signal: abort.signal });
    expect(result.error?.message).toBe('enough');
    expect([result.open, result.left]).toEqual([[], 0]);
  });

  it('refuses arguments that are out of range', async () => {
    const loop = own(new Loop(new VirtualNetwork(new Map()).backend));
    const reject = (target: object, options: ConnectOptions = {}) =>
      expect(connect(loop, target as { host: string; port: number }, options)).rejects;
    await reject({ host: 'name.test', port: 80 }).toThrow(/no lookup was given/);
    await reject({ host: '10.0.0.1', port: 0 }).toThrow(/invalid port: 0 \(expected an integer/);
    await reject({ host: '', port: 80 }).toThrow(/invalid host: ''/);
    const options = { maxInFlight: 0 };
    await reject({ host: '10.0.0.1', port: 80 }, options).toThrow(/invalid maxInFlight: 0/);
    expect(loop.deadlines.size).toBe(0);
  });
});

/** What the algorithm does, as a list of moments: no queue, no deadline, no loop. */
function expected(order: Outcome[], delay: number, most: number, timeout: number) {
  const running: { index: number; endsAt: number; connects: boolean }[] = [];
  let next = 0;
  let nextAt = 0;
  for (;;) {
    running.sort((a, b) => a.endsAt - b.endsAt);
    const [first] = running;
    const startAt = next < order.length && running.length < most ? nextAt : Infinity;
    if (first === undefined && startAt === Infinity) return { index: -1, gaveUp: true };
    const time = Math.min(first?.endsAt ?? Infinity, startAt);
    if (time >= timeout) return { index: -1, gaveUp: false };
    if (first !== undefined && first.endsAt <= startAt) {
      if (first.connects) return { index: first.index, gaveUp: false };
      running.shift();
      nextAt = time;
      continue;
    }
    const outcome = order[next] as Outcome;
    const index = next++;
    nextAt = time;
    if (outcome.kind === 'throws') continue;
    nextAt = time + delay;
    const endsAt = outcome.kind === 'drops' ? Infinity : time + outcome.afterMs;
    running.push({ index, endsAt, connects: outcome.kind === 'connects' });
    // A start that was due while too many were running is made up for as soon as one has ended.
  }
}

function interleaved(list: readonly LookupAddress[]): LookupAddress[] {
  const first = list.filter(({ family }) => family === list[0]?.family);
  const second = list.filter(({ family }) => family !== list[0]?.family);
  const order: LookupAddress[] = [];
  while (first.length + second.length > 0) {
    for (const one of [first.shift(), second.shift()]) if (one !== undefined) order.push(one);
  }
  return order;
}

it('has one winner, the expected one, and leaks nothing in 10,000 random schedules', async () => {
  const problems: string[] = [];
  for (let seed = 1; seed <= 10_000 && problems.length < 3; seed++) {
    const random = randomOf(seed);
    const outcomes = new Map<string, Outcome>();
    const list: LookupAddress[] = [];
    for (let i = 0, count = 1 + random(8); i < count; i++) {
      const address = random(2) === 0 ? v4(i) : v6(i + 1);
      // Never at the same moment as a delay or a timeout, which are whole milliseconds.
      const afterMs = random(random(2) === 0 ? 100 : 3000) + 0.5 + i / 100;
      const kind = (['connects', 'refuses', 'refuses', 'drops', 'throws'] as const)[random(5)];
      outcomes.set(address.address, { kind: kind ?? 'drops', afterMs });
      list.push(address);
    }
    const maxInFlight = 1 + random(5);
    const timeoutMs = 500 + random(5000);
    const network = new VirtualNetwork(outcomes);
    const isSplit = random(4) === 0;
    async function* split() {
      for (const address of list) {
        yield [address];
        await network.sleep(random(120) + 0.25);
      }
    }
    const lookup = isSplit ? split : async () => list;
    const result = await attempt(network, { lookup, maxInFlight, timeoutMs });
    const note = (text: string) =>
      problems.push(`seed ${seed}: ${text}: ${JSON.stringify(result.attempts)}`);

    if (result.left !== 0) note(`${result.left} attachments or deadlines are left`);
    if (result.open.length > 1 || result.open[0] !== result.winner) note('an attempt is left open');
    if (result.winner === undefined && result.error === undefined) note('it has no end');
    if (result.winner?.closed) note('the winner is closed');
    if (isSplit) continue;
    const order = interleaved(list);
    const all = order.map(({ address }) => outcomes.get(address) as Outcome);
    // Deadlines of a second or more end with a slot of the wheel.
    const end = timeoutMs < 1000 ? timeoutMs : Math.ceil(timeoutMs / 128) * 128;
    const { index } = expected(all, 250, maxInFlight, end);
    if (result.winner?.address !== order[index]?.address) {
      note(`expected ${order[index]?.address}, got ${result.end} of ${JSON.stringify(all)}`);
    }
  }
  expect(problems).toEqual([]);
});

describe.each(systemWays)('connect on $name', (way) => {
  it('connects to a name by Node’s lookup, and rejects when nothing listens there', async () => {
    const server = createServer((socket) => socket.on('error', () => {})).listen(0, '127.0.0.1');
    await once(server, 'listening');
    const { port } = server.address() as AddressInfo;
    const loop = loopOf(way);
    const stream = own<TcpStream>(
      await runUntil(loop, connectOnNode(loop, { host: 'localhost', port })),
    );
    expect(stream.peerAddr().port).toBe(port);
    expect([loop.size, loop.deadlines.size]).toEqual([0, 0]);
    server.close();
    stream.close();
    await once(server, 'close');
    const refused = connectOnNode(loop, { host: 'localhost', port });
    await expect(runUntil(loop, refused)).rejects.toThrow(/ECONNREFUSED/);
    expect(loop.size).toBe(0);
  });
});

it('cancels a resolver whose answer is no longer wanted', async () => {
  const way = systemWays[0];
  if (way === undefined) throw new Error('no backend');
  const loop = loopOf(way);
  // Nothing answers there: the port of a socket that was closed.
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  atEnd(() => server.close());
  const lookup = resolver({ servers: [`127.0.0.1:${port}`], timeoutMs: 60_000, tries: 1 });
  const connecting = connect(loop, { host: 'name.test', port: 80 }, { lookup, timeoutMs: 30 });
  await expect(runUntil(loop, connecting)).rejects.toMatchObject({
    code: expect.stringMatching(/ETIMEDOUT|ECONNREFUSED/),
  });
  expect([loop.size, loop.deadlines.size]).toEqual([0, 0]);
});
