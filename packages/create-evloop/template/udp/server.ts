import { Events, Interest, Poll, Token, UdpSocket, WouldBlock } from 'evloop';

const poll = new Poll();
const socket = await UdpSocket.bind('127.0.0.1:9000');
poll.registry.register(socket, Token(0), Interest.READABLE);
console.log(`listening on port ${socket.localAddr().port}`);

const events = new Events(16);
const buffer = new Uint8Array(65536);
for (;;) {
  await poll.poll(events); // Datagrams have arrived: receive until none is left.
  while (echo()) {}
}

function echo(): boolean {
  try {
    const datagram = socket.recvFrom(buffer);
    if (datagram === WouldBlock) return false; // The rule: only now will there be another event.
    // If this would block, the reply is dropped: this is UDP.
    socket.sendTo(buffer, datagram.address, 0, datagram.size);
  } catch (error) {
    if (!(error instanceof Error && 'errno' in error)) throw error; // For instance, it is closed.
    // The system reports a failure of one datagram. The socket goes on.
    console.error(error.message);
  }
  return true;
}
