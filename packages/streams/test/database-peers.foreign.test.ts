// Clients of databases, brokers and OpenSSH on evloop's sockets, with Debian's servers.
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Duplex } from 'node:stream';
import { needs, startMosquitto, startPostgres, startRedis, startSshd } from '@evloop/testing';
import { Redis } from 'ioredis';
import { type IClientOptions, MqttClient } from 'mqtt';
import type pg from 'pg';
// @ts-expect-error: it has no types. The main module of pg does not load with vitest's conditions.
import PgClient from 'pg/lib/client.js';
import { type SFTPWrapper, Client as SshClient } from 'ssh2';
import { describe, expect, test } from 'vitest';
import { connectSocket, EvloopSocket, ioredisConnector } from '../src/index.ts';
import { server as certificate } from './certificates.ts';
import { atEnd, runningLoop, systemWays, until } from './fixture.ts';

/** COPY of PostgreSQL, as pg lets a program write it: it counts what comes, and sends `input`. */
class Copy {
  size = 0;
  readonly done: Promise<void>;
  readonly #sql: string;
  readonly #input: Iterable<Buffer>;
  #resolve!: () => void;
  #reject!: (error: Error) => void;

  constructor(sql: string, input: Iterable<Buffer> = []) {
    this.#sql = sql;
    this.#input = input;
    this.done = new Promise((resolve, reject) => {
      this.#resolve = resolve;
      this.#reject = reject;
    });
  }

  submit(connection: pg.Connection): void {
    connection.query(this.#sql);
  }

  async handleCopyInResponse(connection: CopyConnection): Promise<void> {
    for (const chunk of this.#input) {
      connection.sendCopyFromChunk(chunk);
      if (connection.stream.writableNeedDrain) await once(connection.stream, 'drain');
    }
    connection.endCopyFrom();
  }

  handleCopyData({ chunk }: { chunk: Buffer }): void {
    this.size += chunk.length;
  }

  handleError(error: Error): void {
    this.#reject(error);
  }

  handleReadyForQuery(): void {
    this.#resolve();
  }

  handleRowDescription(): void {}
  handleCommandComplete(): void {}
}

/** The part of pg's connection that COPY needs, which its types do not have. */
interface CopyConnection {
  readonly stream: Duplex;
  sendCopyFromChunk(chunk: Buffer): void;
  endCopyFrom(): void;
}

const MEBIBYTE = 2 ** 20;

describe.each(systemWays)('clients on $name', (way) => {
  describe('pg', needs('psql', 'setpriv'), () => {
    async function client(port: number, ssl: pg.ClientConfig['ssl'] = false): Promise<pg.Client> {
      const loop = runningLoop(way);
      // pg connects the socket itself.
      const stream = () => new EvloopSocket(loop) as Duplex;
      const user = { user: 'postgres', database: 'postgres', host: '127.0.0.1' };
      const made: pg.Client = new PgClient({ ...user, port, ssl, stream });
      await made.connect();
      return made;
    }

    test('queries, also after the upgrade to SSL', async () => {
      const postgres = await startPostgres({ tls: certificate });
      for (const ssl of [false, { rejectUnauthorized: false }]) {
        const one = await client(postgres.port, ssl);
        const sql = 'select ssl, $1::text as text from pg_stat_ssl where pid = pg_backend_pid()';
        const { rows } = await one.query(sql, ['Grüße']);
        expect(rows).toEqual([{ ssl: ssl !== false, text: 'Grüße' }]);
        await one.end();
      }
    });

    test('COPY of 256 MiB, each way', async () => {
      const postgres = await startPostgres();
      const one = await client(postgres.port);
      const row = Buffer.from(`${'x'.repeat(1023)}\n`);
      const block = Buffer.concat(Array<Buffer>(1024).fill(row));
      await one.query('create unlogged table copied (line text)');
      const into = new Copy('copy copied from stdin', Array<Buffer>(256).fill(block));
      one.query(into as unknown as pg.Submittable);
      await into.done;
      const out = new Copy('copy copied to stdout');
      one.query(out as unknown as pg.Submittable);
      await out.done;
      expect(out.size).toBe(256 * MEBIBYTE);
      await one.end();
    });

    test('pg_terminate_backend ends one client with its error, and no other', async () => {
      const postgres = await startPostgres();
      const [victim, other] = [await client(postgres.port), await client(postgres.port)];
      const failed = once(victim, 'error');
      // What follows is that the connection is gone.
      victim.on('error', () => {});
      const { rows } = await victim.query('select pg_backend_pid() as pid');
      await other.query('select pg_terminate_backend($1)', [rows[0].pid]);
      expect((await failed)[0]).toMatchObject({ code: '57P01' });
      expect((await other.query('select 1 as one')).rows).toEqual([{ one: 1 }]);
      await other.end();
    });
  });

  test('ioredis: pipelines of 10,000 commands', needs('redis-server'), async () => {
    const server = await startRedis();
    const loop = runningLoop(way);
    const redis = new Redis({
      host: '127.0.0.1',
      port: server.port,
      Connector: ioredisConnector(loop) as never,
    });
    for (let round = 0; round < 3; round++) {
      const pipeline = redis.pipeline();
      for (let i = 0; i < 5000; i++) pipeline.set(`key ${i}`, `${round} ${i}`).get(`key ${i}`);
      const results = (await pipeline.exec()) ?? [];
      expect(results.length).toBe(10_000);
      const answers = results.filter((_, i) => i % 2 === 1);
      expect(answers.every(([error, text], i) => !error && text === `${round} ${i}`)).toBe(true);
    }
    const closed = once(redis, 'close');
    redis.disconnect();
    await closed;
  });

  test(
    'mqtt: 200 clients with keep-alive, whose broker is killed',
    needs('mosquitto'),
    async () => {
      const broker = await startMosquitto();
      const loop = runningLoop(way);
      const options: IClientOptions = { keepalive: 4, reconnectPeriod: 200, resubscribe: true };
      const clients = Array.from({ length: 200 }, (_, i) => {
        const connect = () => connectSocket(loop, { host: '127.0.0.1', port: broker.port });
        const one = new MqttClient(connect as never, { ...options, clientId: `evloop-${i}` });
        one.on('error', () => {});
        return one;
      });
      atEnd(() => Promise.all(clients.map((one) => one.endAsync(true))));
      let heard = 0;
      for (const one of clients) one.on('message', () => heard++);
      await Promise.all(clients.map((one) => one.subscribeAsync('room', { qos: 1 })));
      await clients[0]?.publishAsync('room', 'hello', { qos: 1 });
      await until(() => heard === 200);

      // Each keeps its connection alive.
      const alive = new Set<MqttClient>();
      for (const one of clients) {
        one.on('packetreceive', ({ cmd }) => cmd === 'pingresp' && alive.add(one));
      }
      await until(() => alive.size === clients.length);

      let lost = 0;
      for (const one of clients) one.on('close', () => lost++);
      await broker.stop('SIGKILL');
      await until(() => lost >= 200 && clients.every((one) => !one.connected));
      await startMosquitto(broker.port);
      await until(() => clients.every((one) => one.connected));
      await clients[0]?.publishAsync('room', 'again', { qos: 1 });
      await until(() => heard >= 400);
    },
  );

  test('ssh2: sftp both ways, with new keys every 1 MiB', needs('sshd'), async () => {
    const sshd = await startSshd();
    const { port, username, privateKey, folder } = sshd;
    const loop = runningLoop(way);
    const ssh = new SshClient();
    let rekeyed = 0;
    ssh.on('handshake', () => rekeyed++);
    const sock = connectSocket(loop, { host: '127.0.0.1', port });
    ssh.connect({ sock, username, privateKey });
    await once(ssh, 'ready');
    const sftp = await new Promise<SFTPWrapper>((resolve, reject) => {
      ssh.sftp((error, made) => (error ? reject(error) : resolve(made)));
    });
    const bytes = randomBytes(16 * MEBIBYTE);
    const [sent, stored, back] = ['sent', 'stored', 'back'].map((name) => join(folder, name));
    writeFileSync(sent as string, bytes);
    const done = (resolve: () => void, reject: (error: Error) => void) => (error?: Error | null) =>
      error ? reject(error) : resolve();
    await new Promise<void>((resolve, reject) => {
      sftp.fastPut(sent as string, stored as string, done(resolve, reject));
    });
    await new Promise<void>((resolve, reject) => {
      sftp.fastGet(stored as string, back as string, done(resolve, reject));
    });
    expect(readFileSync(back as string).equals(bytes)).toBe(true);
    expect(rekeyed).toBeGreaterThan(8);
    const closed = once(ssh, 'close');
    ssh.end();
    await closed;
  });
});
