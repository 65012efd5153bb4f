// Transports that are destroyed while they write, under http, http2 and TLS: nothing is left.
import { readdirSync } from 'node:fs';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import * as http2 from 'node:http2';
import * as https from 'node:https';
import type { Duplex, Writable } from 'node:stream';
import type { Loop } from '@evloop/service';
import { describe, expect, test } from 'vitest';
import { connectSocket, type NodeServer, secureConnect, serve } from '../src/index.ts';
import { authority, server as certificate } from './certificates.ts';
import { listen, runningLoop, systemWays, until } from './fixture.ts';

/** Over all protocols and backends. */
const TRANSPORTS = 10_000;
const AT_A_TIME = 50;
/** More than the kernel takes at once. */
const BODY = Buffer.alloc(2 ** 18, 'x');
/** Each protocol takes minutes on a busy machine. */
const timeout = 900_000;
const REQUEST = 'GET / HTTP/1.1\r\nHost: localhost\r\n\r\n';
const PROTOCOLS = ['http', 'h2c', 'https'] as const;
type Protocol = (typeof PROTOCOLS)[number];

/** Answers with a large body. It destroys every second transport while the body is on its way. */
function serverOf(protocol: Protocol): NodeServer {
  const transports = new WeakMap<object, Duplex>();
  let latest: Duplex;
  let count = 0;
  const answer = (transport: Duplex | undefined, response: Writable): void => {
    response.write(BODY);
    if (count++ % 2 === 0) setImmediate(() => transport?.destroy());
  };
  if (protocol !== 'h2c') {
    const onRequest = ({ socket }: IncomingMessage, response: ServerResponse) =>
      answer(socket, response);
    return protocol === 'http'
      ? createServer(onRequest)
      : https.createServer(certificate, onRequest);
  }
  const server = http2.createServer();
  server.prependListener('connection', (socket: Duplex) => {
    latest = socket;
  });
  // The session is made while the event above is emitted.
  server.on('session', (session) => transports.set(session, latest));
  server.on('sessionError', () => {});
  server.on('stream', (stream: http2.ServerHttp2Stream) => {
    stream.on('error', () => {}).respond({ ':status': 200 });
    answer(transports.get(stream.session as object), stream);
  });
  return server;
}

/** Asks once, and destroys its transport with the first bytes of the body. */
async function ask(loop: Loop, port: number, protocol: Protocol): Promise<void> {
  const target = { host: '127.0.0.1', port };
  if (protocol === 'h2c') {
    const socket = connectSocket(loop, target, { allowHalfOpen: true });
    const session = http2.connect('http://localhost', { createConnection: () => socket });
    const stream = session.request({ ':path': '/' });
    for (const each of [session, stream, socket]) each.on('error', () => {});
    await new Promise((resolve) => {
      stream.once('data', () => socket.destroy());
      socket.once('close', resolve);
    });
    session.destroy();
    return;
  }
  const socket: Duplex =
    protocol === 'http'
      ? connectSocket(loop, target)
      : await secureConnect(loop.backend.TcpStream.connect({ address: target.host, port }), loop, {
          ca: authority,
          servername: 'localhost',
        });
  await new Promise((resolve) => {
    socket.on('error', () => {}).once('close', resolve);
    socket.once('data', () => socket.destroy());
    // It writes as well when it is destroyed.
    socket.write(REQUEST);
    socket.write(BODY);
  });
}

/** What a leak would add to: descriptors, timers, and what the host's loop waits for. */
function inUse(): Record<string, number> {
  const resources = process.getActiveResourcesInfo();
  const kinds = ['TCPSocketWrap', 'Timeout', 'TLSWrap', 'PipeWrap'];
  const counts = kinds.map((kind) => [kind, resources.filter((each) => each === kind).length]);
  const descriptors = process.platform === 'linux' ? readdirSync('/proc/self/fd').length : 0;
  return { ...Object.fromEntries(counts), descriptors };
}

describe.each(systemWays)('on $name', (way) => {
  test.each(PROTOCOLS)(
    '%s: transports destroyed while they write',
    { timeout },
    async (protocol) => {
      const loop = runningLoop(way);
      const listener = await listen(way);
      const { port } = listener.localAddr();
      const server = serverOf(protocol);
      const served = serve(server, listener, loop);
      // The first ones make what is kept: contexts of TLS, tickets, the signals of the loop.
      await Promise.all(Array.from({ length: AT_A_TIME }, () => ask(loop, port, protocol)));
      await until(() => served.connections === 0);
      const [before, listeners] = [inUse(), process.eventNames().length];
      let left = Math.ceil(TRANSPORTS / PROTOCOLS.length / systemWays.length);
      const workers = Array.from({ length: AT_A_TIME }, async () => {
        while (left-- > 0) await ask(loop, port, protocol);
      });
      await Promise.all(workers);
      await until(() => served.connections === 0);
      // Node closes its handles in a later turn.
      await until(() =>
        Object.entries(inUse()).every(([key, count]) => count <= (before[key] ?? 0)),
      );
      expect(process.eventNames().length).toBe(listeners);
      expect(loop.deadlines.nextTimeout()).toBe(null);
      served.close();
    },
  );
});
