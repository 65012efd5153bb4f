// Under a small `ulimit -n`: accepting fails for want of descriptors while a poll is pending
// already, its own or, with the argument `nested`, one that this is a source of. The listener must
// be reported once there are some.
import { closeSync, openSync } from 'node:fs';
import { Events, Interest, Poll, TcpListener, TcpStream, Token } from '@evloop/epoll';

const poll = new Poll();
const events = new Events(8);
const listener = TcpListener.bind('127.0.0.1:0');
poll.registry.register(listener, Token(0), Interest.READABLE);
TcpStream.connect(listener.localAddr());
await poll.poll(events, 5000);
const outer = new Poll();
outer.registry.register(poll.asSource(), Token(1), Interest.READABLE);
await outer.poll(events, 0);

const fillers = [];
try {
  for (;;) fillers.push(openSync('/dev/null'));
} catch {}
const pending =
  process.argv[2] === 'nested'
    ? outer.poll(events, 5000).then(() => poll.poll(events, 0))
    : poll.poll(events, 5000);
setTimeout(() => {
  let error;
  try {
    listener.accept();
  } catch ({ code }) {
    error = code;
  }
  for (const filler of fillers) closeSync(filler);
  pending.then((count) => console.log(error, count, typeof listener.accept()));
}, 10);
