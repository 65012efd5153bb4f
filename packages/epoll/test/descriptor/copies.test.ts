import { expect, test, vi } from 'vitest';
import { own } from '../support/fixture.ts';

type Package = typeof import('../../src/index.ts');

test('two copies of the package in one thread, as test runners make them, do not confuse their calls', async () => {
  const first: Package = await import('../../src/index.ts');
  vi.resetModules();
  const second: Package = await import('../../src/index.ts');
  expect(second.UdpSocket).not.toBe(first.UdpSocket);
  const ends = [first, second].map(({ UdpSocket, Poll, Events, Interest, Token }) => {
    const [near, far] = [UdpSocket.bind('127.0.0.1:0'), UdpSocket.bind('127.0.0.1:0')];
    const poll = own(new Poll());
    poll.registry.register(own(far), Token(1), Interest.READABLE);
    return { near: own(near), far, poll, events: new Events(4) };
  });
  const text = ['one', 'other'];
  for (let round = 0; round < 3; round++) {
    for (const [i, { near, far }] of ends.entries()) {
      near.sendTo(Buffer.from(text[i] as string), far.localAddr());
    }
    for (const [i, { near, far, poll, events }] of ends.entries()) {
      expect(poll.pollSync(events, 5000)).toBe(1);
      const buffer = Buffer.alloc(16);
      expect(far.recvFrom(buffer)).toEqual({
        size: text[i]?.length,
        address: near.localAddr(),
        truncated: false,
      });
      expect(buffer.toString('utf8', 0, text[i]?.length)).toBe(text[i]);
      expect(far.recv(buffer)).toBe(first.WouldBlock);
    }
  }
});
