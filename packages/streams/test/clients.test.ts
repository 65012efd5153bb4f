import { once } from 'node:events';
import { createServer, get, type IncomingMessage } from 'node:http';
import * as https from 'node:https';
import { type AddressInfo, createServer as createNetServer } from 'node:net';
import { createServer as createTlsServer } from 'node:tls';
import { Redis } from 'ioredis';
import { Agent, request } from 'undici';
import { describe, expect, test } from 'vitest';
import { EvloopAgent, ioredisConnector, undiciConnector } from '../src/index.ts';
import { authority, server as certificate } from './certificates.ts';
import { atEnd, runningLoop, systemWays, textOf } from './fixture.ts';

async function portOf(server: ReturnType<typeof createNetServer>): Promise<number> {
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  atEnd(() => server.close());
  return (server.address() as AddressInfo).port;
}

/** Answers each command with `+OK`, and PING with `+PONG`. */
function answerRedis(socket: NodeJS.ReadWriteStream): void {
  socket.on('error', () => {});
  socket.on('data', (bytes: Buffer) => {
    const commands = bytes.toString('latin1').match(/^\*\d+\r\n(?:\$\d+\r\n[^\r]*\r\n)+/gm) ?? [];
    const isPing = (command: string) => /\r\nping\r\n/i.test(command);
    socket.write(commands.map((each) => (isPing(each) ? '+PONG\r\n' : '+OK\r\n')).join(''));
  });
}

describe.each(systemWays)('clients on $name', (way) => {
  test('EvloopAgent connects by name and keeps connections', async () => {
    const loop = runningLoop(way);
    const port = await portOf(createServer((req, res) => res.end(req.url)));
    const agent = new EvloopAgent(loop, { keepAlive: true, maxSockets: 1 });
    const sockets = new Set();
    for (const path of ['/a', '/b']) {
      const sent = get({ host: '127.0.0.1', port, path, agent });
      const [response] = (await once(sent, 'response')) as [IncomingMessage];
      expect(await textOf(response)).toBe(path);
      sockets.add(sent.socket);
    }
    expect(sockets.size).toBe(1);
    agent.destroy();
  });

  test('undici takes undiciConnector, for http and https', async () => {
    const loop = runningLoop(way);
    const plain = await portOf(createServer((req, res) => req.pipe(res)));
    const secure = await portOf(https.createServer(certificate, (req, res) => req.pipe(res)));
    const connect = undiciConnector(loop, { tls: { ca: authority, servername: 'localhost' } });
    const dispatcher = new Agent({ connect });
    for (const url of [`http://127.0.0.1:${plain}`, `https://127.0.0.1:${secure}`]) {
      const body = 'x'.repeat(500_000);
      const answer = await request(url, { dispatcher, method: 'POST', body });
      expect((await answer.body.text()).length).toBe(body.length);
    }
    await dispatcher.close();
    const refused = new Agent({ connect });
    await expect(request('http://127.0.0.1:1', { dispatcher: refused })).rejects.toMatchObject({
      code: 'ECONNREFUSED',
    });
    await refused.destroy();
  });

  test('ioredis takes ioredisConnector, with TLS too', async () => {
    const loop = runningLoop(way);
    const plain = await portOf(createNetServer(answerRedis));
    const secure = await portOf(createTlsServer(certificate, answerRedis));
    const tls = { ca: authority, servername: 'localhost' };
    for (const options of [{ port: plain }, { port: secure, tls }]) {
      const redis = new Redis({
        ...options,
        host: '127.0.0.1',
        Connector: ioredisConnector(loop) as never,
        enableReadyCheck: false,
        disableClientInfo: true,
      });
      const pings = Array.from({ length: 100 }, () => redis.ping());
      expect(new Set(await Promise.all(pings))).toEqual(new Set(['PONG']));
      redis.disconnect();
      await once(redis, 'end');
    }
  });
});
