// Prints what an echo costs with all that the kernel can tell of each datagram, in units of a plain
// echo: options-cost.mjs [CLONE]. With a built clone of another version: what a plain echo costs,
// in units of one there. The median of the ratios within 150 pairs of blocks of 500 datagrams
// each, in processor time of this process, so that other work on the machine counts for little.
import { resolve } from 'node:path';
import { UdpSocket, WouldBlock } from '../../dist/index.js';

const [clone] = process.argv.slice(2);
const other =
  clone === undefined
    ? UdpSocket
    : (await import(resolve(clone, 'packages/epoll/dist/index.js'))).UdpSocket;

const BLOCKS = 150;
const ROUNDS = 10;
const SIZE = 50;
const ALL = {
  packetInfo: true,
  recvTos: true,
  recvTtl: true,
  recvTimestamps: true,
  recvErrors: true,
};
const buffer = new Uint8Array(2048);

function pair(Socket, socket) {
  const server = Socket.bind('127.0.0.1:0', { socket });
  const client = UdpSocket.bind('127.0.0.1:0');
  client.connect(server.localAddr());
  return { server, client };
}

/** The processor time of receiving a datagram and answering it, in microseconds. */
function cost({ server, client }, rounds) {
  let spent = 0;
  for (let k = 0; k < rounds; k++) {
    for (let i = 0; i < SIZE; i++) client.send(buffer, 0, 64);
    const before = process.cpuUsage();
    for (let i = 0; i < SIZE; i++) {
      const datagram = server.recvFrom(buffer);
      if (datagram === WouldBlock) throw new Error('a datagram was lost');
      // Older versions have no `replyTo`.
      if (clone === undefined) server.replyTo(buffer, datagram, 0, datagram.size);
      else server.sendTo(buffer, datagram.address, 0, datagram.size);
    }
    const { user, system } = process.cpuUsage(before);
    spent += user + system;
    while (client.recv(buffer) !== WouldBlock);
  }
  return spent / rounds / SIZE;
}

const plain = pair(other, {});
const all = pair(UdpSocket, clone === undefined ? ALL : {});
for (const one of [plain, all]) cost(one, 200);
const ratios = Array.from({ length: BLOCKS }, (_, i) => {
  const first = cost(i % 2 ? plain : all, ROUNDS);
  const second = cost(i % 2 ? all : plain, ROUNDS);
  return i % 2 ? second / first : first / second;
});
console.log(ratios.sort((a, b) => a - b)[BLOCKS >> 1]);
for (const { server, client } of [plain, all]) {
  server.close();
  client.close();
}
