// node examples/dist/http_server.js            (after `npm run build`)
//
// Node's own `http` on an evloop listener. It answers each GET with `Hello world!`. Try it with
//
//   printf 'GET / HTTP/1.0\r\n\r\n' | node examples/dist/tcp_client.js --port 8000
//   printf 'GET / HTTP/1.0\r\n\r\n' | ncat 127.0.0.1 8000
//
// Connections are kept for further requests. A client that is too slow with its request gets a 408,
// and one that is idle is closed. SIGTERM drains it: each response is the last of its connection,
// and what is left after `--drain` seconds is cut off. SIGINT, or a second SIGTERM, ends it at
// once.
import { createServer } from 'node:http';
import * as epoll from '@evloop/epoll';
import * as net from '@evloop/net';
import { onSignals } from '@evloop/service/node';
import { program } from '@evloop/service/program';
import { serve } from '@evloop/streams';

const BODY = 'Hello world!\n';
const HEAD = { 'Content-Type': 'text/plain', 'Content-Length': BODY.length };

await program(
  {
    about: 'An HTTP server.',
    port: 8000,
    backends: { epoll, net },
    // Streams of Node advance when Node's own loop turns.
    sliceMs: 1,
    options: {
      clients: { value: 10_000, about: 'the most connections at a time; others wait' },
      idle: { value: 5, about: 'seconds until a connection without a request is closed' },
      headers: { value: 60, about: 'seconds that a client has for the head of a request' },
      request: { value: 300, about: 'seconds that a client has for a whole request' },
      drain: { value: 10, about: 'seconds until a drain cuts clients off' },
    },
  },
  async (it) => {
    const { loop, own } = it;
    const server = createServer({ connectionsCheckingInterval: 1000 }, (request, response) => {
      // What is not read would keep the connection from its next request.
      request.resume();
      if (request.method === 'GET') response.writeHead(200, HEAD).end(BODY);
      else if (request.method === 'HEAD') response.writeHead(200, HEAD).end();
      else response.writeHead(405, { Allow: 'GET, HEAD', 'Content-Length': 0 }).end();
    });
    server.keepAliveTimeout = own.idle * 1000;
    server.headersTimeout = own.headers * 1000;
    server.requestTimeout = own.request * 1000;

    const listener = await it.listen();
    const { address, port } = listener.localAddr();
    it.hint(
      'Try it with:',
      `  printf 'GET / HTTP/1.0\\r\\n\\r\\n' | node examples/dist/tcp_client.js --host ${address} --port ${port}`,
      `  curl http://${address.includes(':') ? `[${address}]` : address}:${port}/`,
    );
    const served = serve(server, listener, loop, { maxConnections: own.clients });
    onSignals(served, { SIGTERM: 'drain', SIGINT: 'stop' }, { deadlineMs: own.drain * 1000 });
    await loop.run();
  },
);
