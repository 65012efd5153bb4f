// node examples/dist/web_chat.js            (after `npm run build`)
//
// broadcast_server's room behind a page: open http://127.0.0.1:8088/ in two windows, and type. Plain
// TCP clients are in the same room:
//
//   node examples/dist/tcp_client.js --port 8080
//   ncat 127.0.0.1 8080
//
// The page is served by Node's own `http`, and its lines travel through the package `ws`. Both run
// on evloop's sockets. A member that does not read is dropped. SIGTERM drains it.
import { createServer, type IncomingMessage } from 'node:http';
import { ByteQueue, TooLong } from '@evloop/buffer';
import * as epoll from '@evloop/epoll';
import * as net from '@evloop/net';
import { type Connection, type Handler, type Next, Server } from '@evloop/service';
import { onSignals } from '@evloop/service/node';
import { program } from '@evloop/service/program';
import { serve } from '@evloop/streams';
import { type WebSocket, WebSocketServer } from 'ws';

const PAGE = `<!doctype html>
<html lang="en"><meta charset="utf-8"><title>web_chat</title>
<h1>The room</h1><ul id="lines" aria-live="polite"></ul>
<form><input id="line" aria-label="Your line" autocomplete="off" autofocus disabled></form><script>
  const [lines, line] = [document.getElementById('lines'), document.getElementById('line')];
  const show = (text) => lines.appendChild(document.createElement('li')).textContent = text;
  const socket = new WebSocket(location.href.replace('http', 'ws'));
  socket.onopen = () => { line.disabled = false; };
  socket.onmessage = ({ data }) => show(data);
  socket.onclose = () => { line.disabled = true; show('(The server has closed the connection.)'); };
  document.forms[0].onsubmit = (event) => {
    event.preventDefault();
    if (line.value === '') return;
    socket.send(line.value);
    show('You: ' + line.value);
    line.value = '';
  };
</script></html>`;
const HEAD = { 'Content-Type': 'text/html; charset=utf-8', 'X-Content-Type-Options': 'nosniff' };

/** The longest line, in bytes. No more of one client is read before others have their turn. */
const MAX_LINE = 65536;
const NEXT = { 'would-block': 'wait', full: 'again', more: 'again', end: 'end' } as const;

/** A member of the room: it hears each line of the others, with its newline. */
type Member = { hear(line: Uint8Array): void };
const room = new Set<Member>();
function say(from: Member, line: Uint8Array): void {
  for (const other of room) if (other !== from) other.hear(line);
}

/** Lets a plain TCP client into the room. What follows its last newline is no line. */
function joinClient(client: Connection): Handler {
  const input = new ByteQueue({ limit: 2 * MAX_LINE });
  const member: Member = { hear: (line) => void client.post(line) };
  room.add(member);
  const closed = (): void => void room.delete(member);
  const step = (): Next => {
    const filled = input.fillFrom(client.stream, MAX_LINE);
    for (let lines = 0; lines < 64; lines++) {
      const line = input.takeUntil(0x0a, MAX_LINE);
      if (line === undefined) return NEXT[filled];
      if (line === TooLong) {
        closed();
        client.refuse(Buffer.from('Line too long\n'), new Error('a line that is too long'));
        return 'wait';
      }
      say(member, line);
    }
    return 'again';
  };
  return { step, closed, drain: () => client.outbox.end() };
}

/** Lets a page into the room. */
function joinPage(page: WebSocket, queue: number): void {
  const member: Member = {
    hear(line) {
      if (page.bufferedAmount + line.length > queue) page.terminate();
      // A browser closes a connection on which a text is not UTF-8.
      else page.send(new TextDecoder().decode(line.subarray(0, -1)));
    },
  };
  room.add(member);
  const lineOf = (text: unknown) => Buffer.from(`${String(text).replace(/[\r\n]+/g, ' ')}\n`);
  page.on('message', (text) => say(member, lineOf(text)));
  page.on('close', () => room.delete(member)).on('error', () => {});
}

const options = {
  room: { value: 8080, most: 65535, about: 'the port of the room for plain TCP clients' },
  queue: { value: 1048576, about: 'how many bytes may wait for a slow member' },
};
const usage = { about: 'A chat room behind a page.', port: 8088, options, sliceMs: 1 };
await program({ ...usage, backends: { epoll, net } }, async (it) => {
  const { loop, log, own } = it;
  const pages = createServer((request, response) => {
    request.resume();
    if (request.url === '/') response.writeHead(200, HEAD).end(PAGE);
    else response.writeHead(404).end();
  });
  // A page of another site must not speak for its visitor.
  const verifyClient = ({ origin, req }: { origin: string; req: IncomingMessage }): boolean =>
    origin === `http://${req.headers.host}`;
  const sockets = new WebSocketServer({ server: pages, maxPayload: MAX_LINE, verifyClient });
  sockets.on('connection', (page) => joinPage(page, own.queue));

  const listener = await it.listen();
  const served = serve(pages, listener, loop, { maxConnections: 10_000 });
  const outbox = { highWater: own.queue, lowWater: 0, limit: own.queue };
  const limits = { maxConnections: 10_000, outbox, log };
  const plain = await it.listen({}, it.backend, { ...it.address, port: own.room });
  const clients = new Server(loop, [plain], joinClient, limits);
  const drain = (how: { deadlineMs: number }) => {
    for (const page of sockets.clients) page.close(1001);
    return Promise.all([served.drain(how), clients.drain(how)]);
  };
  onSignals({ drain, stop: () => loop.stop() }, { SIGTERM: 'drain', SIGINT: 'stop' });
  await loop.run();
});
