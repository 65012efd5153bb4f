// Sends numbered datagrams on a corked poll, to be run under `strace --inject`. Prints what arrived
// and what the cork has counted.
import { Events, Interest, Poll, Token, UdpSocket, WouldBlock } from '@evloop/epoll';

const COUNT = 200;
const poll = new Poll({ cork: true });
const events = new Events(16);
const near = UdpSocket.bind('127.0.0.1:0');
const far = UdpSocket.bind('127.0.0.1:0');
poll.registry.register(near, Token(0), Interest.WRITABLE);
poll.registry.register(far, Token(1), Interest.READABLE);
const to = far.localAddr();
const got = [];
const buffer = new Uint8Array(64);
let next = 0;
while (got.length < COUNT) {
  poll.pollSync(events, 1000);
  if (events.length === 0 && next === COUNT) break;
  for (let one = far.recv(buffer); one !== WouldBlock; one = far.recv(buffer)) {
    got.push(Number(Buffer.from(buffer.subarray(0, one)).toString()));
  }
  for (let i = 0; i < 7 && next < COUNT; i++) {
    if (near.sendTo(Buffer.from(`${next}`), to) === WouldBlock) break;
    next++;
  }
}
const ordered = got.length === COUNT && got.every((n, i) => n === i);
console.log(JSON.stringify({ ordered, cork: poll.stats().cork }));
process.exit();
