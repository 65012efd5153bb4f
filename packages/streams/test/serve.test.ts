import { once } from 'node:events';
import {
  createServer,
  type IncomingMessage,
  type RequestOptions,
  request,
  type Server,
  type ServerOptions,
} from 'node:http';
import * as http2 from 'node:http2';
import * as https from 'node:https';
import type { Socket } from 'node:net';
import { describe, expect, test } from 'vitest';
import {
  connectSocket,
  EvloopAgent,
  type EvloopSocket,
  secureConnect,
  serve,
} from '../src/index.ts';
import { authority, server as certificate } from './certificates.ts';
import { atEnd, listen, runningLoop, textOf, type Way, ways } from './fixture.ts';

const trusting = { ca: authority, servername: 'localhost' };

/** A server of Node on a listener of `way`, and an agent for it. */
async function serving(
  way: Way,
  listener: Parameters<typeof createServer>[1],
  options: ServerOptions = {},
) {
  const loop = runningLoop(way);
  const socket = await listen(way);
  const server = createServer(options, listener);
  const served = serve(server, socket, loop);
  atEnd(() => served.close());
  const agent = new EvloopAgent(loop, { keepAlive: true });
  atEnd(() => agent.destroy());
  return { loop, server, served, agent, port: socket.localAddr().port };
}

/** The text of the answer, and whether the connection is kept. */
async function ask(options: RequestOptions, body?: Buffer | string) {
  const sent = request({ host: '127.0.0.1', ...options }).end(body);
  const [response] = (await once(sent, 'response')) as [IncomingMessage];
  const { statusCode, headers } = response;
  const text = await textOf(response);
  return { statusCode, connection: headers.connection, text, socket: sent.socket };
}

/** A client that sends just `text`. */
function raw(loop: Parameters<typeof connectSocket>[0], port: number, text: string): EvloopSocket {
  const socket = connectSocket(loop, { host: '127.0.0.1', port }, { allowHalfOpen: true });
  atEnd(() => socket.destroy());
  socket.write(text);
  return socket;
}

describe.each(ways)('serve on $name', (way) => {
  test('serves with keep-alive, and the agent uses the connection again', async () => {
    const { port, agent, server, served } = await serving(way, (req, res) => {
      res.end(`${req.method} ${req.url} from ${req.socket.remoteAddress}`);
    });
    expect([server.listening, (server.address() as { port: number }).port]).toEqual([true, port]);
    const first = await ask({ port, agent, path: '/a' });
    const second = await ask({ port, agent, path: '/b' });
    expect(first.text).toBe('GET /a from 127.0.0.1');
    expect(second.text).toBe('GET /b from 127.0.0.1');
    expect(second.socket).toBe(first.socket);
    expect(served.connections).toBe(1);
  });

  test('takes uploads and sends large responses', async () => {
    const { port, agent } = await serving(way, (req, res) => req.pipe(res));
    const body = Buffer.alloc(2 * 1024 * 1024, 'x');
    const { text } = await ask({ port, agent, method: 'POST' }, body);
    expect(text.length).toBe(body.length);
  });

  test('answers half a header with 408 when headersTimeout is over', async () => {
    const { loop, port, server } = await serving(way, () => {}, {
      connectionsCheckingInterval: 10,
    });
    server.headersTimeout = 40;
    const client = raw(loop, port, 'GET / HTTP/1.1\r\nHost: a\r\nX-Slow: ');
    expect(await textOf(client)).toMatch(/^HTTP\/1\.1 408 Request Timeout/);
  });

  test('answers half a body with 408 when requestTimeout is over', async () => {
    const { loop, port, server } = await serving(way, (req) => req.resume(), {
      connectionsCheckingInterval: 10,
    });
    server.requestTimeout = 40;
    server.headersTimeout = 30;
    const head = 'POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 10\r\n\r\nhalf';
    expect(await textOf(raw(loop, port, head))).toMatch(/^HTTP\/1\.1 408 Request Timeout/);
  });

  test('closes a connection that was idle for keepAliveTimeout', async () => {
    const { port, agent, server } = await serving(way, (_req, res) => res.end('hi'));
    server.keepAliveTimeout = 20;
    const { socket } = await ask({ port, agent });
    if (!socket?.closed) await once(socket as Socket, 'close');
  });

  test('closes: no further connection, and a callback when the last has ended', async () => {
    let finish = () => {};
    const { loop, port, agent, server } = await serving(way, (_req, res) => {
      finish = () => res.end('late');
      res.writeHead(200).flushHeaders();
    });
    const asking = ask({ port, agent });
    await once(server, 'request');
    const seen: string[] = [];
    server.on('close', () => seen.push('close'));
    const closed = new Promise((resolve) => server.close(resolve));
    expect(server.listening).toBe(false);
    const refused = connectSocket(loop, { host: '127.0.0.1', port });
    expect(await once(refused, 'error')).toMatchObject([{ code: 'ECONNREFUSED' }]);
    expect(seen).toEqual([]);
    finish();
    expect((await asking).text).toBe('late');
    agent.destroy();
    expect([await closed, seen]).toEqual([undefined, ['close']]);
    const again = new Promise((resolve) => server.close(resolve));
    expect(await again).toMatchObject({ code: 'ERR_SERVER_NOT_RUNNING' });
  });

  test('drains: the response under way is finished, idle connections end', async () => {
    let finish = () => {};
    const { loop, port, agent, server, served } = await serving(way, (req, res) => {
      if (req.url === '/fast') res.end('fast');
      else finish = () => res.end('slow');
    });
    const idle = await ask({ port, agent, path: '/fast' });
    const silent = raw(loop, port, '');
    const other = new EvloopAgent(loop, { keepAlive: true });
    const slow = ask({ port, agent: other, path: '/slow' });
    await once(server, 'request');
    const drained = served.drain({ deadlineMs: 60_000 });
    // A request that was on its way is answered, and is the last of its connection.
    const last = await ask({ port, agent, path: '/fast' });
    expect([last.socket === idle.socket, last.text, last.connection]).toEqual([
      true,
      'fast',
      'close',
    ]);
    finish();
    expect((await slow).text).toBe('slow');
    expect(await textOf(silent)).toBe('');
    expect(await drained).toEqual({ forced: 0 });
    other.destroy();
  });

  test('cuts what is left at the deadline of a drain, and says how many', async () => {
    const { port, agent, server, served } = await serving(way, () => {});
    const asking = ask({ port, agent });
    const failed = expect(asking).rejects.toMatchObject({ code: 'ECONNRESET' });
    await once(server, 'request');
    expect(await served.drain({ deadlineMs: 20 })).toEqual({ forced: 1 });
    await failed;
  });

  test('serves https', async () => {
    const loop = runningLoop(way);
    const listener = await listen(way);
    const server = https.createServer(certificate, (req, res) => req.pipe(res));
    const served = serve(server, listener, loop);
    const { port } = listener.localAddr();
    const stream = way.backend.TcpStream.connect({ address: '127.0.0.1', port });
    const socket = await secureConnect(stream, loop, trusting);
    const body = Buffer.alloc(300_000, 'x');
    const { text } = await ask({ createConnection: () => socket, method: 'POST' }, body);
    expect(text.length).toBe(body.length);
    socket.on('error', () => {}).destroy();
    await served.drain({ deadlineMs: 60_000 });
  });

  test.each(['h2c', 'h2'] as const)('serves %s', async (protocol) => {
    const loop = runningLoop(way);
    const listener = await listen(way);
    const server = protocol === 'h2' ? http2.createSecureServer(certificate) : http2.createServer();
    server.on('stream', (stream: http2.ServerHttp2Stream) => {
      stream.respond({ ':status': 200 });
      stream.pipe(stream);
    });
    const served = serve(server, listener, loop);
    const { port } = listener.localAddr();
    const address = { address: '127.0.0.1', port };
    const socket =
      protocol === 'h2'
        ? await secureConnect(way.backend.TcpStream.connect(address), loop, {
            ...trusting,
            ALPNProtocols: ['h2'],
          })
        : connectSocket(loop, { host: '127.0.0.1', port }, { allowHalfOpen: true });
    const session = http2.connect('http://localhost', { createConnection: () => socket });
    const texts = Array.from({ length: 5 }, async (_, i) => {
      const stream = session.request({ ':path': '/', ':method': 'POST' });
      stream.end(Buffer.alloc(100_000, `${i}`));
      return textOf(stream);
    });
    expect((await Promise.all(texts)).map((text) => text.length)).toEqual(Array(5).fill(100_000));
    const drained = served.drain({ deadlineMs: 60_000 });
    await once(session, 'close');
    expect(await drained).toEqual({ forced: 0 });
  });

  test('leaves nothing of the server behind', async () => {
    const { server, served } = await serving(way, (_req, res) => res.end());
    served.close();
    await once(server, 'close');
    const own = Object.keys(Object.getOwnPropertyDescriptors(server));
    expect(own).not.toContain('close');
    expect((server as Server).listening).toBe(false);
  });
});
