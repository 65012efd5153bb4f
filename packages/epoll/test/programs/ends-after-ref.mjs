// A poll that timed out, and whose ref() is called when none is pending: it must not keep the
// process alive.
import { Events, Interest, Poll, TcpListener, Token } from '@evloop/epoll';

const poll = new Poll();
const listener = TcpListener.bind('127.0.0.1:0');
poll.registry.register(listener, Token(0), Interest.READABLE);
await poll.poll(new Events(8), 5);
poll.unref();
poll.ref();
console.log('end');
