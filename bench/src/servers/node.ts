// node node.js SERVICE: the services on node:net and node:dgram, as their users write them; prints its port.
import { createSocket } from 'node:dgram';
import { createServer, type Socket } from 'node:net';
import { reportHeap, weighing } from './heap-report.ts';
import {
  BURST,
  BURST_SIZE,
  burstBytes,
  isQuestion,
  LONGEST_LINE,
  type Service,
  serviceOf,
} from './service.ts';

const NEWLINE = 10;

function onEchoClient(socket: Socket): void {
  socket.on('data', (chunk) => {
    if (!socket.write(chunk)) socket.pause();
  });
  socket.on('drain', () => socket.resume());
  socket.on('error', () => {});
}

const clients = new Set<Socket>();

function onChatClient(socket: Socket): void {
  clients.add(socket);
  socket.setNoDelay(true);
  let rest: Buffer | undefined;
  socket.on('data', (chunk) => {
    const whole = chunk.lastIndexOf(NEWLINE) + 1;
    const lines = whole === chunk.length ? chunk : chunk.subarray(0, whole);
    const start = rest;
    if (whole > 0) {
      rest = whole < chunk.length ? chunk.subarray(whole) : undefined;
      sendToOthers(socket, start === undefined ? lines : Buffer.concat([start, lines]));
    } else {
      rest = start === undefined ? chunk : Buffer.concat([start, chunk]);
      if (rest.length > LONGEST_LINE) socket.destroy();
    }
  });
  socket.on('error', () => {});
  socket.on('close', () => clients.delete(socket));
}

function sendToOthers(from: Socket, lines: Buffer): void {
  for (const client of clients) {
    // A client that has no room for a line is too slow.
    if (client !== from && !client.write(lines)) client.destroy();
  }
}

function serveDatagrams(service: Service): void {
  const socket = createSocket('udp4');
  const burst = burstBytes();
  let count = 0;
  let bytes = 0;
  socket.on('message', (message, { address, port }) => {
    if (service === 'udp-echo') {
      socket.send(message, port, address);
    } else if (service === 'udp-send') {
      for (let i = 0; i < BURST; i++) socket.send(burst, i * BURST_SIZE, BURST_SIZE, port, address);
    } else if (isQuestion(message, message.length)) {
      socket.send(`${count} ${bytes}`, port, address);
    } else {
      count++;
      bytes += message.length;
    }
  });
  socket.bind(0, '127.0.0.1', () => {
    process.stdout.write(`listening ${socket.address().port}\n`);
  });
}

const service = serviceOf(process.argv[2]);
if (service.startsWith('udp')) {
  serveDatagrams(service);
} else {
  const server = createServer(service === 'tcp-echo' ? onEchoClient : onChatClient);
  server.listen(0, '127.0.0.1', () => {
    const address = server.address();
    if (typeof address === 'object') process.stdout.write(`listening ${address?.port}\n`);
  });
}
if (weighing) setInterval(reportHeap, 200);
