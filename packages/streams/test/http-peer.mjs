// node --expose-gc http-peer.mjs BACKEND PROTOCOL [OPTIONS]: a server of Node on a listener of
// evloop, for peers that are no Node. PROTOCOL is http, https, h2c or h2; OPTIONS is JSON, for TLS.
// It prints `listening PORT`. SIGTERM drains it, and it prints how many connections it had to cut.
//
//   GET /       `Hello world!`
//   GET /large  1 GiB
//   GET /held   the memory of all buffers that are in use, in bytes
//   GET /peak   the most memory of buffers that there was, garbage included
//   PUT /       how many bytes have arrived
//   PUT /unread no answer: it does not read the body
import http from 'node:http';
import http2 from 'node:http2';
import https from 'node:https';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { Loop } from '@evloop/service';
import { onSignals } from '@evloop/service/node';
import { serve } from '@evloop/streams';

const [, , backendName, protocol, options = '{}'] = process.argv;
const backend = await import(`@evloop/${backendName}`);
const BLOCK = Buffer.alloc(2 ** 16, 'x');

function* gibibyte() {
  for (let i = 0; i < 2 ** 14; i++) yield BLOCK;
}

let most = 0;
function measure() {
  most = Math.max(most, process.memoryUsage().arrayBuffers);
}
setInterval(measure, 5).unref();

/** What is in use. Buffers are freed beside the program, some time after a collection. */
async function held() {
  let least = Number.POSITIVE_INFINITY;
  for (let i = 0; i < 5; i++) {
    gc();
    await new Promise((resolve) => setTimeout(resolve, 20));
    least = Math.min(least, process.memoryUsage().arrayBuffers);
  }
  return least;
}

async function answer(request, response) {
  const authority = request.socket.getPeerCertificate?.().subject?.CN;
  if (authority !== undefined) response.setHeader('x-client', authority);
  response.setHeader('content-type', 'text/plain');
  try {
    if (request.url === '/unread') {
      request.pause();
    } else if (request.method === 'PUT') {
      let size = 0;
      for await (const chunk of request) size += chunk.length;
      response.end(String(size));
    } else if (request.url === '/large') {
      await pipeline(Readable.from(gibibyte(), { objectMode: false }), response);
    } else if (request.url === '/held') {
      response.end(String(await held()));
    } else if (request.url === '/peak') {
      response.end(String(most));
    } else {
      response.end('Hello world!\n');
    }
  } catch {} // The client has gone.
}

const make = {
  http: () => http.createServer(answer),
  https: (tls) => https.createServer(tls, answer),
  h2c: () => http2.createServer(answer),
  h2: (tls) => http2.createSecureServer(tls, answer),
};
const server = make[protocol](JSON.parse(options));
const listener = await backend.TcpListener.bind('127.0.0.1:0');
const loop = new Loop(backend);
const served = serve(server, listener, loop);
const drain = async (how) => {
  const { forced } = await served.drain(how);
  process.stdout.write(`${forced} cut\n`);
};
const stop = () => loop.stop();
onSignals({ drain, stop }, { SIGTERM: 'drain' }, { deadlineMs: 60_000 });
process.stdout.write(`listening ${listener.localAddr().port}\n`);
measure();
await loop.run();
process.exit();
