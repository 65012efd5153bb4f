import { createHash, randomBytes } from 'node:crypto';
import { once } from 'node:events';
import {
  type AddressInfo,
  createConnection,
  createServer,
  type Server as NetServer,
  type Socket,
} from 'node:net';
import { describe, expect, it } from 'vitest';
import {
  type LoopOptions,
  type RelayCounts,
  type RelayError,
  type RelayOptions,
  relay,
  Server,
} from '../src/index.ts';
import { atEnd, Client, loopOf, own, runUntil, systemWays, type Way, ways } from './fixture.ts';
import { VirtualClock } from './virtual-clock.ts';

/** A relay between each client of a listener and a new connection to `upstream`. */
async function relaying(
  way: Way,
  upstream: number,
  options: RelayOptions = {},
  loopOptions: LoopOptions = {},
) {
  const loop = loopOf(way, loopOptions);
  const results: (RelayCounts | RelayError)[] = [];
  const listener = own(await way.backend.TcpListener.bind('127.0.0.1:0'));
  const server = new Server(loop, [listener], (client) => {
    client.detach();
    const other = own(way.backend.TcpStream.connect(`127.0.0.1:${upstream}`));
    relay(loop, client.stream, other, options)
      .then(
        (counts) => results.push(counts),
        (error) => results.push(error),
      )
      .finally(() => client.close());
    return { step: () => 'wait' };
  });
  atEnd(() => server.close());
  return { loop, server, results, port: listener.localAddr().port };
}

/** An upstream in Node that is half-open capable. */
async function upstreamOf(
  onSocket: (socket: Socket) => void,
): Promise<{ port: number; server: NetServer }> {
  const server = createServer({ allowHalfOpen: true }, (socket) => {
    socket.on('error', () => {});
    onSocket(socket);
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  atEnd(() => server.close());
  return { port: (server.address() as AddressInfo).port, server };
}

async function clientOf(port: number): Promise<Socket> {
  const socket = createConnection({ port, host: '127.0.0.1', allowHalfOpen: true });
  atEnd(() => socket.destroy());
  socket.on('error', () => {});
  await once(socket, 'connect');
  return socket;
}

async function readAll(socket: Socket): Promise<{ size: number; hash: string }> {
  const hash = createHash('sha256');
  let size = 0;
  socket
    .on('data', (chunk: Buffer) => {
      size += chunk.length;
      hash.update(chunk);
    })
    .resume();
  await once(socket, 'end');
  return { size, hash: hash.digest('hex') };
}

const sha = (bytes: Buffer) => createHash('sha256').update(bytes).digest('hex');

async function until(condition: () => boolean): Promise<void> {
  while (!condition()) await new Promise((resolve) => setImmediate(resolve));
}

describe.each(systemWays)('a relay on $name', (way) => {
  it.each(['client', 'upstream'])(
    'carries everything both ways when the %s ends first, and passes each end on',
    async (first) => {
      const [up, down] = [randomBytes(3_000_000), randomBytes(2_000_000)];
      const upstream = await upstreamOf(async (socket) => {
        if (first === 'upstream') socket.end(down);
        const got = await readAll(socket);
        expect(got).toEqual({ size: up.length, hash: sha(up) });
        if (first === 'client') socket.end(down);
      });
      const { loop, results, port } = await relaying(way, upstream.port);
      const talk = async () => {
        const socket = await clientOf(port);
        const all = readAll(socket);
        if (first === 'client') socket.end(up);
        expect(await all).toEqual({ size: down.length, hash: sha(down) });
        if (first === 'upstream') socket.end(up);
        await until(() => results.length === 1);
      };
      await runUntil(loop, talk());
      expect(results).toEqual([{ aToB: up.length, bToA: down.length }]);
      expect(loop.size).toBe(1);
    },
  );

  it('reads no more than a slow reader takes, and loses nothing', async () => {
    const bytes = randomBytes(16_000_000);
    const upstream = await upstreamOf((socket) => {
      socket.end(bytes);
      socket.resume();
    });
    const { loop, results, port } = await relaying(way, upstream.port);
    const talk = async () => {
      const socket = await clientOf(port);
      socket.pause();
      for (let i = 0; i < 200; i++) await new Promise((resolve) => setImmediate(resolve));
      const all = readAll(socket);
      expect(await all).toEqual({ size: bytes.length, hash: sha(bytes) });
      socket.end();
      await until(() => results.length === 1);
    };
    await runUntil(loop, talk());
    expect(results).toEqual([{ aToB: 0, bToA: bytes.length }]);
  });

  it('rejects when the upstream refuses', async () => {
    const gone = await upstreamOf(() => {});
    gone.server.close();
    await once(gone.server, 'close');
    const { loop, results, port } = await relaying(way, gone.port);
    const talk = async () => {
      const socket = await clientOf(port);
      await once(socket.resume(), 'end');
      socket.end();
      await until(() => results.length === 1);
    };
    await runUntil(loop, talk());
    expect(results[0]).toMatchObject({ name: 'RelayError', code: 'ECONNREFUSED', side: 'b' });
    expect(loop.size).toBe(1);
  });

  it('delivers what an upstream had sent before it was reset, and says which side has failed', async () => {
    const upstream = await upstreamOf((socket) => {
      socket.once('data', () => {
        socket.write('the last words', () => socket.resetAndDestroy());
      });
    });
    const { loop, results, port } = await relaying(way, upstream.port);
    const talk = async () => {
      const socket = await clientOf(port);
      socket.write('hello');
      const all = readAll(socket);
      await all;
      socket.end();
      await until(() => results.length === 1);
    };
    await runUntil(loop, talk());
    expect(results[0]).toMatchObject({ code: 'ECONNRESET', side: 'b', aToB: 5 });
  });

  it('gives the client the answer of an upstream that closes without reading', async () => {
    const answer = 'x'.repeat(100_000);
    const upstream = await upstreamOf((socket) => {
      // What it has not read resets the connection once it is closed.
      socket.once('data', () => {
        socket.pause();
        socket.write(answer, () => setImmediate(() => socket.destroy()));
      });
    });
    const { loop, results, port } = await relaying(way, upstream.port);
    const talk = async () => {
      const socket = await clientOf(port);
      const pump = setInterval(() => socket.write(Buffer.alloc(65536)), 1);
      atEnd(() => clearInterval(pump));
      const { size } = await readAll(socket);
      clearInterval(pump);
      socket.end();
      await until(() => results.length === 1);
      expect(size).toBe(answer.length);
    };
    await runUntil(loop, talk());
  });

  it('closes both when one side has ended and the other says nothing for too long', async () => {
    const upstream = await upstreamOf((socket) => socket.resume());
    const { loop, results, port } = await relaying(way, upstream.port, { halfCloseIdleMs: 30 });
    const talk = async () => {
      const socket = await clientOf(port);
      socket.resume().end('x');
      await once(socket, 'end');
      await until(() => results.length === 1);
    };
    await runUntil(loop, talk());
    expect(results[0]).toMatchObject({ code: 'ETIMEDOUT', side: undefined, aToB: 1, bToA: 0 });
  });

  it('closes both when nothing moves, and not while something does', async () => {
    const upstream = await upstreamOf((socket) => socket.pipe(socket));
    const clock = new VirtualClock();
    const options = { idleTimeout: 200 };
    const { loop, results, port } = await relaying(way, upstream.port, options, { clock });
    const talk = async () => {
      const socket = await clientOf(port);
      for (let i = 0; i < 10; i++) {
        clock.time += 100;
        socket.write('x');
        await once(socket, 'data');
      }
      expect(results).toEqual([]);
      clock.time += 300;
      loop.defer(() => 'end');
      await once(socket, 'end');
      socket.end();
      await until(() => results.length === 1);
    };
    await runUntil(loop, talk());
    expect(results[0]).toMatchObject({ code: 'ETIMEDOUT' });
  });

  it('closes both when its signal aborts', async () => {
    const upstream = await upstreamOf((socket) => socket.pipe(socket));
    const abort = new AbortController();
    const { loop, results, port } = await relaying(way, upstream.port, { signal: abort.signal });
    const talk = async () => {
      const socket = await clientOf(port);
      socket.write('x');
      await once(socket, 'data');
      abort.abort(new Error('enough'));
      await once(socket, 'end');
      await until(() => results.length === 1);
    };
    await runUntil(loop, talk());
    expect(results).toEqual([new Error('enough')]);
    expect(loop.size).toBe(1);
  });
});

describe.each(ways)('a relay between streams of $name', (way) => {
  it('passes both ends on', async () => {
    const loop = loopOf(way);
    const listener = own(await way.backend.TcpListener.bind('127.0.0.1:0'));
    const server = new Server(loop, [listener], (connection) => {
      const buffer = new Uint8Array(65536);
      return {
        step: () => connection.receive(buffer, (size) => connection.send(buffer, 0, size)),
      };
    });
    atEnd(() => server.close());
    const { port, results } = await (async () => {
      const front = own(await way.backend.TcpListener.bind('127.0.0.1:0'));
      const results: RelayCounts[] = [];
      const proxy = new Server(loop, [front], (client) => {
        client.detach();
        const other = own(way.backend.TcpStream.connect(listener.localAddr()));
        void relay(loop, client.stream, other)
          .then((counts) => results.push(counts))
          .finally(() => client.close());
        return { step: () => 'wait' };
      });
      atEnd(() => proxy.close());
      return { port: front.localAddr().port, results };
    })();
    const client = new Client(way, loop, port);
    client.send(new Uint8Array(500_000).fill(65));
    client.end();
    await runUntil(loop, client.over());
    await runUntil(
      loop,
      until(() => results.length === 1),
    );
    expect([client.size, client.error]).toEqual([500_000, undefined]);
    expect(results).toEqual([{ aToB: 500_000, bToA: 500_000 }]);
  });
});
