// Registers, polls and fails a little: what NODE_DEBUG=evloop says of it is on standard error.
import { Events, Interest, Poll, pipe, Token } from '@evloop/epoll';

const poll = new Poll();
const [sender, receiver] = pipe();
poll.registry.register(receiver, Token(3), Interest.READABLE);
poll.registry.reregister(receiver, Token(4), Interest.READABLE | Interest.PRIORITY);
sender.write(new Uint8Array(1));
const events = new Events(4);
poll.pollSync(events);
await poll.poll(events, 0);
receiver.close();
try {
  sender.write(new Uint8Array(1));
} catch {}
try {
  receiver.read(new Uint8Array(1));
} catch {}
console.log(process.pid);
