// Every way for a wait to end, with sources still registered: nothing may keep the process alive
// afterwards.
import { Events, Interest, Poll, TcpListener, TcpStream, Token, Waker } from '@evloop/epoll';

const poll = new Poll();
const events = new Events(8);
const listener = TcpListener.bind('127.0.0.1:0');
poll.registry.register(listener, Token(0), Interest.READABLE);
await poll.poll(events, 5);

const waker = new Waker(poll.registry, Token(1));
setTimeout(() => waker.wake(), 5);
await poll.poll(events);

const client = TcpStream.connect(listener.localAddr());
poll.registry.register(client, Token(2), Interest.WRITABLE);
await poll.poll(events);

const abort = new AbortController();
setTimeout(() => abort.abort(), 5);
await poll.poll(new Events(1), null, { signal: abort.signal }).catch(() => {});

// Still pending when everything else is over.
poll.unref();
void poll.poll(events);
console.log('end');
