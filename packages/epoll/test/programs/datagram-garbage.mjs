// Prints how many bytes of JavaScript heap a datagram costs, with all that the kernel can tell of
// it: datagram-garbage.mjs, under --min-semi-space-size so that nothing is collected meanwhile.
import { DatagramBatch, Interest, Token } from '@evloop/core';
import { Events, Poll, UdpSocket, WouldBlock } from '../../dist/index.js';

const SIZE = 64;
const ROUNDS = 2000;
const socket = {
  packetInfo: true,
  recvTos: true,
  recvTtl: true,
  recvTimestamps: true,
  recvErrors: true,
  recvBufferSize: 1 << 20,
};

const client = UdpSocket.bind('127.0.0.1:0', { socket });
const server = UdpSocket.bind('0.0.0.0:0', { socket });
const peer = UdpSocket.bind('127.0.0.1:0', { socket });
const poll = new Poll();
for (const [i, one] of [client, server, peer].entries()) {
  poll.registry.register(one, Token(i), Interest.READABLE);
}
const events = new Events(8);
const seed = new DatagramBatch({ capacity: 1, slotSize: 1 });
const out = new DatagramBatch({ capacity: SIZE, slotSize: 200 });
const batch = new DatagramBatch({ capacity: SIZE, slotSize: 200 });
const back = new DatagramBatch({ capacity: SIZE, slotSize: 200 });
const origin = new DatagramBatch({ capacity: 1, slotSize: 1 });
const buffer = new Uint8Array(200);
const nothing = new Uint8Array(0);
const control = { tos: 2, ttl: 9 };
seed.push(nothing, `127.0.0.2:${server.localAddr().port}`);
peer.connect(client.localAddr());

function drain(from, into) {
  let count = 0;
  while (count < SIZE) {
    if (from.recvBatch(into) === WouldBlock) poll.pollSync(events);
    else count += into.length;
  }
}

function take() {
  while (client.recv(buffer) === WouldBlock) poll.pollSync(events);
}

/** Each message goes there, back as a reply, and on to a third socket, by batch; then one alone. */
function round() {
  out.clear();
  for (let i = 0; i < SIZE; i++) {
    out.pushTo(buffer, seed, 0);
    out.setControl(i, control);
  }
  client.sendBatch(out);
  drain(server, batch);
  origin.clear();
  origin.pushTo(nothing, batch, 0);
  batch.reply();
  server.sendBatch(batch);
  drain(client, back);
  back.passOn(origin, 0);
  client.sendBatch(back);
  for (let i = 0; i < SIZE; i++) take();
  peer.send(buffer);
  take();
}

for (let i = 0; i < ROUNDS; i++) round();
gc();
const before = process.memoryUsage().heapUsed;
for (let i = 0; i < ROUNDS; i++) round();
const after = process.memoryUsage().heapUsed;
console.log((after - before) / (3 * SIZE * ROUNDS));
for (const one of [client, server, peer, poll]) one.close();
