import { type Backend, Events, Interest, Token, WouldBlock } from '@evloop/core';

/** Accepts one connection, and reads until its end. Returns the number of bytes. */
export async function readUntilEnd(
  backend: Backend,
  address: string,
  reads: 'once' | 'until it would block',
): Promise<number> {
  const listener = await backend.TcpListener.bind(address);
  const poll = new backend.Poll();
  poll.registry.register(listener, Token(0), Interest.READABLE);
  const events = new Events(8);
  let stream = listener.accept();
  while (stream === WouldBlock) {
    await poll.poll(events);
    stream = listener.accept();
  }
  poll.registry.register(stream, Token(1), Interest.READABLE);
  const buffer = new Uint8Array(1000);
  let size = 0;
  for (;;) {
    await poll.poll(events);
    for (;;) {
      const n = stream.read(buffer);
      if (n === 0) return size;
      if (n === WouldBlock) break;
      size += n;
      if (reads === 'once') break;
    }
  }
}
