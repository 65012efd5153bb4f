// node node.js SERVICE: the services on node:net and node:dgram, as their users write them; prints its port.
import { createSocket, type RemoteInfo } from 'node:dgram';
import { createServer, type Socket } from 'node:net';
import { reportHeap, weighing } from './heap-report.ts';
import {
  BURST,
  BURST_SIZE,
  burstBytes,
  isAnnouncement,
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
    if (service === 'udp-echo' || service === 'udp-options') {
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

/** Neither ECN nor the address that was asked can be kept here. */
function relayDatagrams(): void {
  const front = createSocket({ type: 'udp4', recvBufferSize: 4 << 20, sendBufferSize: 4 << 20 });
  const back = createSocket({ type: 'udp4', recvBufferSize: 4 << 20, sendBufferSize: 4 << 20 });
  let server: RemoteInfo | undefined;
  let client: RemoteInfo | undefined;
  front.on('message', (message, from) => {
    if (isAnnouncement(message, message.length)) {
      server = from;
      front.send(message, from.port, from.address);
    } else if (server !== undefined) {
      client = from;
      back.send(message, server.port, server.address);
    }
  });
  back.on('message', (message) => {
    if (client !== undefined) front.send(message, client.port, client.address);
  });
  back.bind(0, '127.0.0.1');
  front.bind(0, '0.0.0.0', () => process.stdout.write(`listening ${front.address().port}\n`));
}

const service = serviceOf(process.argv[2]);
if (service === 'udp-relay') {
  relayDatagrams();
} else if (service.startsWith('udp')) {
  serveDatagrams(service);
} else {
  const server = createServer(service === 'tcp-echo' ? onEchoClient : onChatClient);
  server.listen(0, '127.0.0.1', () => {
    const address = server.address();
    if (typeof address === 'object') process.stdout.write(`listening ${address?.port}\n`);
  });
}
if (weighing) setInterval(reportHeap, 200);
