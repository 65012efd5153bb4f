import { once } from 'node:events';
import type { Socket } from 'node:net';
import fc from 'fast-check';
import { Redis } from 'ioredis';
import { createClient } from 'redis';
import { describe, expect, it } from 'vitest';
import { connected, type Program, startServer, ways } from './program.ts';
import { bulk, CONVERSATION, command } from './resp-conversation.ts';

/** A client that sends and reads bytes, as Latin-1. */
class Raw {
  readonly socket: Socket;
  seen = '';

  constructor(socket: Socket) {
    this.socket = socket;
    socket.setEncoding('latin1').on('data', (text: string) => {
      this.seen += text;
    });
  }

  static async to(server: { port: number }): Promise<Raw> {
    return new Raw(await connected(server.port));
  }

  say(text: string): void {
    this.socket.write(text, 'latin1');
  }

  /** Resolves when everything that has arrived since the last call is `text`. */
  async hears(text: string): Promise<void> {
    while (this.seen.length < text.length) await once(this.socket, 'data');
    const seen = this.seen.slice(0, text.length);
    this.seen = this.seen.slice(text.length);
    expect(seen).toBe(text);
  }

  async asks(request: string, reply: string): Promise<void> {
    this.say(request);
    await this.hears(reply);
  }
}

const requests = CONVERSATION.map(([request]) => request).join('');
const replies = CONVERSATION.map(([, reply]) => reply).join('');

/** It still serves, it has said nothing unexpected, and it ends in order. */
async function ends(server: Program & { port: number }): Promise<void> {
  const client = await Raw.to(server);
  await client.asks('PING\r\n', '+PONG\r\n');
  client.socket.destroy();
  expect(await server.stop()).toBe(0);
  expect(server.stderr).toBe('');
}

describe.each(ways)('resp_server on %s, %s', (backend, wait) => {
  const start = (...args: string[]) =>
    startServer('resp_server', ['--backend', backend, '--wait', wait, ...args]);

  it('replies to each command as Redis does, one by one and in a pipeline', async () => {
    const server = await start();
    const patient = await Raw.to(server);
    for (const [request, reply] of CONVERSATION) await patient.asks(request, reply);
    await once(patient.socket, 'end');
    patient.socket.end();
    const hasty = await Raw.to(server);
    await hasty.asks(requests, replies);
    hasty.socket.end();
    await ends(server);
  });

  it('replies the same, wherever the bytes are cut', async () => {
    const server = await start();
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.integer({ min: 1, max: 300 }), { minLength: 1 }),
        async (sizes) => {
          const client = await Raw.to(server);
          client.socket.setNoDelay();
          for (let at = 0, i = 0; at < requests.length; i++) {
            const size = sizes[i % sizes.length] as number;
            client.say(requests.slice(at, at + size));
            at += size;
            // Each piece is a packet of its own.
            await new Promise(setImmediate);
          }
          await client.hears(replies);
          client.socket.destroy();
        },
      ),
      { numRuns: 20 },
    );
    await ends(server);
  });

  it('speaks RESP3 after HELLO 3, and pushes what is published to its own client too', async () => {
    const server = await start();
    const [one, two] = [await Raw.to(server), await Raw.to(server)];
    one.say(command('HELLO', '3'));
    while (!one.seen.endsWith('*0\r\n')) await once(one.socket, 'data');
    expect(one.seen).toMatch(/^%7\r\n/);
    one.seen = '';
    await one.asks(command('GET', 'none'), '_\r\n');
    await one.asks(command('SUBSCRIBE', 'room'), `>3\r\n${bulk('subscribe')}${bulk('room')}:1\r\n`);
    await two.asks(command('SUBSCRIBE', 'room'), `*3\r\n${bulk('subscribe')}${bulk('room')}:1\r\n`);
    one.say(command('GET', 'none') + command('PUBLISH', 'room', 'hello'));
    const message = `3\r\n${bulk('message')}${bulk('room')}${bulk('hello')}`;
    await two.hears(`*${message}`);
    while (one.seen.length < message.length + 8) await once(one.socket, 'data');
    expect(one.seen).toContain(`>${message}`);
    expect(one.seen).toContain(':2\r\n');
    one.socket.destroy();
    two.socket.destroy();
    await ends(server);
  });

  it('removes a key at the end of its life, whether somebody asks for it or not', async () => {
    const server = await start();
    const client = await Raw.to(server);
    await client.asks(command('SET', 'k', 'v', 'PX', '30'), '+OK\r\n');
    for (let size = ':1\r\n'; size !== ':0\r\n'; ) {
      client.say(command('DBSIZE'));
      await once(client.socket, 'data');
      [size, client.seen] = [client.seen, ''];
    }
    await client.asks(command('GET', 'k'), '$-1\r\n');
    client.socket.destroy();
    await ends(server);
  });

  it('scans each key that is there all the time, while others come and go', async () => {
    const server = await start();
    const redis = new Redis(server.port);
    const stay = Array.from({ length: 200 }, (_, i) => `stay:${i}`);
    for (const key of stay) await redis.set(key, key);
    const seen = new Set<string>();
    let cursor = '0';
    let round = 0;
    do {
      const [next, keys] = await redis.scan(cursor, 'MATCH', 'stay:*', 'COUNT', 7);
      for (const key of keys) seen.add(key);
      cursor = next;
      await redis.set(`new:${round}`, '');
      if (round++ % 2 === 1) await redis.del(`new:${round - 2}`);
    } while (cursor !== '0');
    expect([...seen].sort()).toEqual(stay.sort());
    await redis.quit();
    await ends(server);
  });

  it('serves the clients ioredis and node-redis, in RESP2 and RESP3', async () => {
    const server = await start();
    const ioredis = new Redis(server.port);
    expect(await ioredis.set('key', 'value')).toBe('OK');
    expect(await ioredis.pipeline().get('key').incr('n').mget('key', 'n').exec()).toEqual([
      [null, 'value'],
      [null, 1],
      [null, ['value', '1']],
    ]);
    for (const RESP of [2, 3] as const) {
      const socket = { host: '127.0.0.1', port: server.port };
      const client = createClient({ socket, RESP });
      await client.connect();
      expect(await client.get('key')).toBe('value');
      expect(await client.ttl('key')).toBe(-1);
      expect(await client.set('other', 'x', { expiration: { type: 'EX', value: 5 } })).toBe('OK');
      const subscriber = client.duplicate();
      await subscriber.connect();
      const heard = new Promise<string>((resolve) => subscriber.subscribe('room', resolve));
      while ((await ioredis.publish('room', 'hello')) === 0);
      expect(await heard).toBe('hello');
      subscriber.destroy();
      client.destroy();
    }
    const subscriber = new Redis(server.port);
    await subscriber.subscribe('room');
    const message = once(subscriber, 'message');
    await ioredis.publish('room', 'again');
    expect(await message).toEqual(['room', 'again']);
    await Promise.all([subscriber.quit(), ioredis.quit()]);
    await ends(server);
  });

  it.each([
    ['*1025\r\n', 'invalid multibulk length'],
    ['*1\r\n$4097\r\n', 'invalid bulk length'],
    ['*99999999999999999999\r\n', 'invalid multibulk length'],
    ['*x\r\n', 'invalid length'],
    ['*1\r\n:1\r\n', "expected '$'"],
    ['*1\r\n$1\r\nabc', 'invalid bulk end'],
    ['x'.repeat(70_000), 'too big inline request'],
    [`${'x '.repeat(1025)}\r\n`, 'too many arguments'],
  ])(
    'tells a client that breaks the protocol with %j, and ends its connection',
    async (text, why) => {
      const server = await start('--max-command', '4096');
      const client = await Raw.to(server);
      client.say(`PING\r\n${text}`);
      await once(client.socket, 'end');
      expect(client.seen).toBe(`+PONG\r\n-ERR Protocol error: ${why}\r\n`);
      client.socket.end();
      await ends(server);
    },
  );

  it('keeps no more than it may: keys, subscriptions, and replies to who does not read', async () => {
    const server = await start('--memory', '1', '--queue', '1048576');
    const client = await Raw.to(server);
    const text = 'x'.repeat(400_000);
    await client.asks(command('SET', 'a', text), '+OK\r\n');
    await client.asks(command('SET', 'b', text), '+OK\r\n');
    const full = "-OOM command not allowed when used memory > 'maxmemory'.\r\n";
    await client.asks(command('SET', 'c', text), full);
    await client.asks(command('SET', 'b', 'small'), '+OK\r\n');
    await client.asks(command('MGET', 'a', 'a', 'a'), '-ERR the reply is too long\r\n');
    // 400 MB are asked for in one write: they are made as they are read.
    const before = server.memory();
    client.socket.pause();
    client.say(command('GET', 'a').repeat(1000));
    const other = await Raw.to(server);
    for (let i = 0; i < 100; i++) await other.asks('PING\r\n', '+PONG\r\n');
    expect(server.memory() - before).toBeLessThan(64);
    let size = 0;
    client.socket.removeAllListeners('data').on('data', (piece: string) => {
      size += piece.length;
    });
    client.socket.resume();
    while (size < 1000 * bulk(text).length) await once(client.socket, 'data');
    expect(size).toBe(1000 * bulk(text).length);
    const rooms = Array.from({ length: 1000 }, (_, i) => `room ${i}`);
    other.say(command('SUBSCRIBE', ...rooms) + command('SUBSCRIBE', ...rooms.map((r) => `${r}x`)));
    while (!other.seen.includes('-ERR too many channels\r\n')) await once(other.socket, 'data');
    client.socket.destroy();
    other.socket.destroy();
    await ends(server);
  });

  it('cuts off a subscriber that does not read, and nobody else', async () => {
    const server = await start('--queue', '262144');
    const [deaf, ears, mouth] = [await Raw.to(server), await Raw.to(server), await Raw.to(server)];
    for (const each of [deaf, ears]) {
      await each.asks(command('SUBSCRIBE', 'r'), `*3\r\n${bulk('subscribe')}${bulk('r')}:1\r\n`);
    }
    deaf.socket.pause();
    const message = `*3\r\n${bulk('message')}${bulk('r')}${bulk('x'.repeat(60_000))}`;
    for (let listeners = ':2\r\n'; listeners === ':2\r\n'; ) {
      mouth.say(command('PUBLISH', 'r', 'x'.repeat(60_000)));
      await once(mouth.socket, 'data');
      [listeners, mouth.seen] = [mouth.seen, ''];
      await ears.hears(message);
    }
    await server.printed(/too slow: more than 262144 bytes wait for it/);
    for (const each of [deaf, ears, mouth]) each.socket.destroy();
    await ends(server);
  });
});
