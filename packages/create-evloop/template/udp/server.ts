import { Events, Interest, Poll, Token, UdpSocket, WouldBlock } from 'evloop';

const poll = new Poll();
const socket = await UdpSocket.bind('127.0.0.1:9000');
poll.registry.register(socket, Token(0), Interest.READABLE);
console.log(`listening on port ${socket.localAddr().port}`);

const events = new Events(16);
const buffer = new Uint8Array(65536);
for (;;) {
  await poll.poll(events); // Something has come: read until nothing is left.
  for (;;) {
    try {
      const datagram = socket.recvFrom(buffer);
      if (datagram === WouldBlock) break; // The rule: only now will there be another event.
      socket.sendTo(buffer, datagram.address, 0, datagram.size); // Or it is lost: this is UDP.
    } catch {} // It concerns one datagram, and the socket goes on.
  }
}
