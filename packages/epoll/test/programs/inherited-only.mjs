// Serves what it inherits: a TCP listener is descriptor 3, a UDP socket is descriptor 4. It must
// not need to make any socket itself.
import {
  Events,
  Interest,
  Poll,
  supports,
  TcpListener,
  Token,
  UdpSocket,
} from '../../dist/index.js';

const listener = TcpListener.fromFd(3);
const datagrams = UdpSocket.fromFd(4);
let refused;
try {
  UdpSocket.bind('127.0.0.1:0').close();
} catch (error) {
  refused = error.code;
}
const poll = new Poll();
poll.registry.register(listener, Token(0), Interest.READABLE);
poll.registry.register(datagrams, Token(1), Interest.READABLE);
const events = new Events(8);
const buffer = new Uint8Array(64);
let accepted = 0;
let received = 0;
while (accepted === 0 || received === 0) {
  await poll.poll(events, 60_000);
  if (events.length === 0) throw new Error('nothing came');
  for (const { token } of events) {
    if (token === 0) {
      listener.accept().write(new TextEncoder().encode('hello'));
      accepted++;
    } else {
      received = datagrams.recv(buffer);
    }
  }
}
const { udpSegmentation, udpCoalescing } = supports;
console.log(JSON.stringify({ refused, received, udpSegmentation, udpCoalescing }));
process.exit();
