// Datagrams from one socket to another: one by one, by batches, and between Unix sockets; to be run
// under `strace --inject`. Prints how many of each kind came, in order and whole.
import {
  DatagramBatch,
  Events,
  Interest,
  Poll,
  Token,
  UdpSocket,
  UnixDatagram,
  WouldBlock,
} from '@evloop/epoll';

const COUNT = 200;
// Nobody else has a part in it: when nothing happens for so long, nothing will.
const STUCK_MS = 10_000;
const buffer = new Uint8Array(64);
const datagram = (i) => new Uint8Array(1 + (i % 60)).fill(i);

function udpPair() {
  const sender = UdpSocket.bind('127.0.0.1:0');
  const receiver = UdpSocket.bind('127.0.0.1:0');
  sender.connect(receiver.localAddr());
  return [sender, receiver];
}

const oneByOne = ([sender, receiver]) => ({
  sender,
  receiver,
  send: (i) => sender.send(datagram(i)),
  receive() {
    const size = receiver.recv(buffer);
    return size === WouldBlock ? WouldBlock : [buffer.slice(0, size)];
  },
});

function byBatches([sender, receiver]) {
  const batch = new DatagramBatch({ capacity: 8, slotSize: 64 });
  return {
    sender,
    receiver,
    send(i) {
      batch.clear();
      batch.push(datagram(i));
      return sender.sendBatch(batch);
    },
    receive() {
      const count = receiver.recvBatch(batch);
      if (count === WouldBlock) return WouldBlock;
      return Array.from({ length: count }, (_, i) => batch.view(i).slice());
    },
  };
}

const flows = {
  udp: oneByOne(udpPair()),
  batches: byBatches(udpPair()),
  unix: oneByOne(UnixDatagram.pair()),
};
const poll = new Poll();
const events = new Events(8);
const all = Object.values(flows).map((flow) => ({ ...flow, sent: 0, came: 0 }));
for (const [i, { sender, receiver }] of all.entries()) {
  poll.registry.register(sender, Token(2 * i), Interest.WRITABLE);
  poll.registry.register(receiver, Token(2 * i + 1), Interest.READABLE);
}

while (all.some(({ came }) => came < COUNT) && (await poll.poll(events, STUCK_MS)) > 0) {
  for (const { token } of events) {
    const flow = all[token >> 1];
    if (token % 2 === 0) sendOn(flow);
    else receiveOn(flow);
  }
}
const counts = Object.keys(flows).map((name, i) => [name, all[i].came]);
console.log(JSON.stringify(Object.fromEntries(counts)));
process.exit();

function sendOn(flow) {
  while (flow.sent < COUNT && flow.send(flow.sent) !== WouldBlock) flow.sent++;
}

function receiveOn(flow) {
  for (;;) {
    const datagrams = flow.receive();
    if (datagrams === WouldBlock) return;
    for (const each of datagrams) {
      if (Buffer.compare(each, datagram(flow.came)) === 0) flow.came++;
    }
  }
}
