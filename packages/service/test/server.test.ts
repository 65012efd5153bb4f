import { describe, expect, it } from 'vitest';
import {
  type Connection,
  type Handler,
  type LoopOptions,
  Server,
  type ServerOptions,
} from '../src/index.ts';
import {
  atEnd,
  bytes,
  Client,
  loopOf,
  own,
  runUntil,
  systemWays,
  type Way,
  ways,
} from './fixture.ts';
import { VirtualClock } from './virtual-clock.ts';

const buffer = new Uint8Array(65536);

const echo = (connection: Connection): Handler => ({
  step: () => connection.receive(buffer, (size) => connection.send(buffer, 0, size)),
});

async function serving(
  way: Way,
  options: ServerOptions = {},
  open: (connection: Connection) => Handler = echo,
  loopOptions: LoopOptions = {},
) {
  const loop = loopOf(way, loopOptions);
  const listener = own(await way.backend.TcpListener.bind('127.0.0.1:0'));
  const { port } = listener.localAddr();
  const server = new Server(loop, [listener], open, options);
  atEnd(() => server.close());
  return { loop, server, client: () => new Client(way, loop, port) };
}

/** Sees of its clients that they are over, and why. */
function noting(handler: (connection: Connection) => Handler) {
  const ends: (string | undefined)[] = [];
  const open = (connection: Connection): Handler => ({
    ...handler(connection),
    closed: (error?: Error & { code?: string }) => ends.push(error?.code ?? error?.message),
  });
  return { ends, open };
}

describe.each(ways)('a server on $name', (way) => {
  it('serves several clients, and gives a half-closed one all of its echo', async () => {
    const { loop, server, client } = await serving(way);
    const clients = Array.from({ length: 20 }, client);
    const size = 300_000;
    for (const each of clients) {
      each.send(new Uint8Array(size).fill(97));
      each.end();
    }
    await runUntil(loop, Promise.all(clients.map((each) => each.over())));
    expect(clients.map((each) => [each.size, each.error])).toEqual(
      clients.map(() => [size, undefined]),
    );
    expect([server.connections, server.counters.accepted, server.counters.failed]).toEqual([
      0, 20, 0,
    ]);
  });

  it('sends from open, before anything has arrived', async () => {
    const { loop, client } = await serving(way, {}, (connection) => {
      connection.send(bytes('hello'));
      connection.end();
      return { step: () => 'end' };
    });
    const one = client();
    await runUntil(loop, one.over());
    expect(one.received).toBe('hello');
  });

  it('does not read from a client that does not read, and goes on when it does', async () => {
    let most = 0;
    const { loop, client } = await serving(
      way,
      { outbox: { highWater: 65536, lowWater: 16384, limit: 131072 } },
      (connection) => ({
        step: () => {
          const next = echo(connection).step();
          most = Math.max(most, connection.outbox.bufferedAmount);
          return next;
        },
      }),
    );
    const slow = client();
    slow.reading = false;
    const size = 12_000_000;
    slow.send(new Uint8Array(size).fill(98));
    slow.end();
    const other = client();
    for (let i = 0; i < 50; i++) {
      other.send('x');
      await runUntil(
        loop,
        other.until(() => other.size === i + 1),
      );
    }
    expect(slow.size).toBe(0);
    slow.resume();
    await runUntil(loop, slow.over());
    expect([slow.size, slow.error]).toEqual([size, undefined]);
    expect(most).toBeGreaterThanOrEqual(65536);
    expect(most).toBeLessThanOrEqual(131072);
  });

  it('cuts off a client whose outbox overflows, and no other', async () => {
    const { ends, open } = noting((connection) => ({
      step: () =>
        connection.receive(buffer, () => {
          while (connection.send(new Uint8Array(65536)));
        }),
    }));
    const { loop, server, client } = await serving(way, {}, open);
    const slow = client();
    slow.reading = false;
    slow.send('go');
    await runUntil(
      loop,
      until(() => ends.length === 1),
    );
    expect(ends).toEqual(['too slow: more than 1048576 bytes wait for it']);
    expect(server.connections).toBe(0);
  });

  it('closes idle connections, not those that talk', async () => {
    const { ends, open } = noting(echo);
    const clock = new VirtualClock();
    const { loop, server, client } = await serving(way, { idleTimeout: 60 }, open, { clock });
    const idle = client();
    const talking = client();
    await runUntil(
      loop,
      until(() => server.connections === 2),
    );
    const talk = async () => {
      for (let i = 0; i < 10; i++) {
        clock.time += 20;
        talking.send('x');
        await talking.until(() => talking.size > i);
      }
      await idle.over();
    };
    await runUntil(loop, talk());
    expect([idle.ended, talking.ended]).toEqual([true, false]);
    expect(ends).toEqual(['ETIMEDOUT']);
    expect(server.counters.timedOut).toBe(1);
  });

  it('closes a connection at its deadline, however much it talks', async () => {
    const { ends, open } = noting(echo);
    const { loop, client } = await serving(way, { deadline: 30 }, open);
    const one = client();
    const talk = async () => {
      for (let i = 0; !one.ended && one.error === undefined; i++) {
        one.send('x');
        await one.until(() => one.size > i || one.ended || one.error !== undefined);
      }
    };
    await runUntil(loop, talk());
    expect(ends).toEqual(['ETIMEDOUT']);
  });

  it('survives a reset', async () => {
    const { ends, open } = noting(echo);
    const { loop, server, client } = await serving(way, {}, open);
    const [rude, other] = [client(), client()];
    await runUntil(
      loop,
      until(() => server.connections === 2),
    );
    // Closing with unread data resets.
    rude.reading = false;
    rude.send('echo this');
    await runUntil(
      loop,
      until(() => server.counters.accepted === 2 && rude.stream.peek(buffer) === 9),
    );
    rude.close();
    await runUntil(
      loop,
      until(() => server.connections === 1),
    );
    other.send('still here');
    await runUntil(
      loop,
      other.until(() => other.size === 10),
    );
    expect(ends).toHaveLength(1);
  });

  it('pauses at its limit, and goes on when one leaves', async () => {
    const { loop, server, client } = await serving(way, { maxConnections: 2 });
    const clients = [client(), client(), client(), client()];
    for (const [i, each] of clients.entries()) each.send(`${i}`);
    await runUntil(
      loop,
      until(() => server.paused),
    );
    expect(server.connections).toBe(2);
    const served = () => clients.filter((each) => each.size === 1);
    await runUntil(
      loop,
      until(() => served().length === 2),
    );
    for (const each of served()) each.end();
    await runUntil(
      loop,
      until(() => served().length === 4),
    );
    expect(server.connections).toBe(2);
    expect(server.counters.paused).toBeGreaterThan(0);
    expect(server.counters.refused).toBe(0);
  });

  it('closes those beyond its limit where it is told to', async () => {
    const { loop, server, client } = await serving(way, { maxConnections: 1, overload: 'close' });
    const first = client();
    await runUntil(
      loop,
      until(() => server.connections === 1),
    );
    const second = client();
    await runUntil(loop, second.over());
    expect([server.connections, server.counters.refused, server.paused]).toEqual([1, 1, false]);
    first.end();
    await runUntil(loop, first.over());
    const third = client();
    third.send('x');
    await runUntil(
      loop,
      third.until(() => third.size === 1),
    );
  });

  it('drains: tells its handlers, and resolves when the last has left', async () => {
    const { loop, server, client } = await serving(way, {}, (connection) => {
      let draining = false;
      return {
        step: () => (draining ? 'end' : echo(connection).step()),
        drain: () => {
          draining = connection.send(bytes('bye'));
        },
      };
    });
    const clients = [client(), client()];
    for (const each of clients) each.send('x');
    await runUntil(
      loop,
      until(() => clients.every((each) => each.size === 1)),
    );
    const drained = server.drain({ deadlineMs: 600_000 });
    expect(server.listening).toBe(false);
    expect(await runUntil(loop, drained)).toEqual({ forced: 0 });
    await runUntil(loop, Promise.all(clients.map((each) => each.over())));
    expect(clients.map((each) => each.received)).toEqual(['xbye', 'xbye']);
    expect(server.drain({ deadlineMs: 1 })).toBe(drained);
  });

  it('closes what is left at the deadline of a drain, and says how many', async () => {
    const { ends, open } = noting(echo);
    const { loop, server, client } = await serving(way, {}, open);
    const clients = [client(), client(), client()];
    await runUntil(
      loop,
      until(() => server.connections === 3),
    );
    clients[0]?.end();
    expect(await runUntil(loop, server.drain({ deadlineMs: 40 }))).toEqual({ forced: 2 });
    expect([ends.filter((end) => end === 'ETIMEDOUT').length, server.connections]).toEqual([2, 0]);
  });

  it('serves those that wait to be accepted when it drains', async () => {
    const { loop, server, client } = await serving(way, { acceptPerTurn: 1 });
    const clients = Array.from({ length: 5 }, client);
    for (const each of clients) {
      each.send('last words');
      each.end();
    }
    await runUntil(
      loop,
      until(() => server.counters.accepted > 0),
    );
    // On net those that the kernel has not handed over yet are beyond what a program can accept.
    const drained = server.drain({ deadlineMs: 600_000 });
    expect((await runUntil(loop, drained)).forced).toBe(0);
    await runUntil(loop, Promise.all(clients.map((each) => each.over())));
    const served = clients.filter((each) => each.received === 'last words').length;
    expect(served).toBe(server.counters.accepted);
    if (way.name !== 'net') expect(served).toBe(5);
  });

  it('ends its run with an error that is not the system’s', async () => {
    const { loop, client } = await serving(way, {}, () => ({
      step: () => {
        throw new TypeError('a fault of the handler');
      },
    }));
    const one = client();
    one.send('x');
    await expect(runUntil(loop, one.over())).rejects.toThrow('a fault of the handler');
  });

  it('wakes a pending drained promise, and rejects it when the connection is closed', async () => {
    let outbox: Connection['outbox'] | undefined;
    const { loop, server, client } = await serving(way, {}, (connection) => {
      outbox = connection.outbox;
      while (connection.outbox.send(new Uint8Array(65536)) === 'sent');
      return { step: () => 'wait' };
    });
    const slow = client();
    slow.reading = false;
    await runUntil(
      loop,
      until(() => outbox !== undefined),
    );
    const queued = outbox?.bufferedAmount ?? 0;
    expect(queued).toBeGreaterThan(0);
    const drained = outbox?.drained();
    slow.resume();
    await runUntil(loop, drained as Promise<void>);
    expect(outbox?.bufferedAmount).toBe(0);
    expect(await outbox?.drained()).toBe(undefined);
    slow.reading = false;
    while (outbox?.send(new Uint8Array(65536)) === 'sent');
    const never = outbox?.drained({ threshold: 1 });
    server.close();
    await expect(never).rejects.toThrow();
  });

  it('refuses options that are out of range', async () => {
    const loop = loopOf(way);
    const make = (options: ServerOptions) => () => new Server(loop, [], echo, options);
    expect(make({ maxConnections: 0 })).toThrow(/invalid maxConnections: 0 \(expected an integer/);
    expect(make({ acceptPerTurn: 1.5 })).toThrow(RangeError);
    expect(make({ idleTimeout: -5 })).toThrow(/invalid idleTimeout: -5 \(expected milliseconds/);
    expect(make({ overload: 'drop' as 'close' })).toThrow(/'pause' or 'close'/);
  });
});

it.each(systemWays)('sends what was posted in one write on $name', async (way) => {
  const { loop, client } = await serving(way, {}, (connection) => ({
    step: () =>
      connection.receive(buffer, () => {
        for (let i = 0; i < 10; i++) connection.post(bytes(`${i}`));
        expect(connection.outbox.bufferedAmount).toBe(10);
      }),
  }));
  const one = client();
  one.send('go');
  await runUntil(
    loop,
    one.until(() => one.size === 10),
  );
  expect(one.received).toBe('0123456789');
});

/** Resolves when `condition` holds, looking at each turn of Node's loop. */
async function until(condition: () => boolean): Promise<void> {
  while (!condition()) await new Promise((resolve) => setImmediate(resolve));
}
