import { Interest, Token, WouldBlock } from '@evloop/core';
import { expect, test } from 'vitest';
import { TcpListener, TcpStream } from '../../src/index.ts';
import { code, filled, own, watched } from '../support/fixture.ts';

test('shutting down while connecting is ENOTCONN, and the connection is made all the same', async () => {
  const listener = own(TcpListener.bind('127.0.0.1:0', { backlog: 1 }));
  // The first two fill the kernel's queue, so that the SYN of the last one waits.
  const streams = [1, 2, 3, 4].map(() => own(TcpStream.connect(listener.localAddr())));
  const last = streams.at(-1) as TcpStream;
  expect(last.finishConnect()).toBe(WouldBlock);
  for (const how of ['read', 'write', 'both'] as const) {
    expect(code(() => last.shutdown(how))).toBe('ENOTCONN');
  }
  expect(() => last.shutdown('neither' as 'both')).toThrow(TypeError);
  const { poll, events } = watched(Interest.WRITABLE, last);
  poll.registry.register(listener, Token(1), Interest.READABLE);
  const connected = (): boolean => {
    while (listener.accept() !== WouldBlock);
    return last.finishConnect() === true;
  };
  while (!connected()) expect(await poll.poll(events, 60_000)).toBeGreaterThan(0);
  last.shutdown('write');
  expect(code(() => last.write(filled(1)))).toBe('EPIPE');
});
