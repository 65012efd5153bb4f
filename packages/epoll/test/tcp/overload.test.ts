import { Interest, Mode, Token } from '@evloop/core';
import { expect, test } from 'vitest';
import { TcpListener, TcpStream, UnixStream } from '../../src/index.ts';
import { bytes, code, own, tcpPair, tokens, watched } from '../support/fixture.ts';
import { runProgram } from '../support/program.ts';

const { READABLE } = Interest;

function waiting(count: number, backlog = 64): TcpListener {
  const listener = own(TcpListener.bind('127.0.0.1:0', { backlog }));
  for (let i = 0; i < count; i++) own(TcpStream.connect(listener.localAddr()));
  while (listener.acceptQueue().waiting < count);
  return listener;
}

for (const mode of [Mode.EDGE, Mode.LEVEL, Mode.ONESHOT, Mode.EXCLUSIVE]) {
  test(`a limit leaves the rest to the next poll (mode ${mode})`, () => {
    const listener = waiting(5);
    const { poll, events } = watched(READABLE | mode, listener);
    const shares: number[] = [];
    while (tokens(poll, events).length > 0) {
      const streams = listener.acceptMany(2);
      for (const stream of streams) own(stream);
      shares.push(streams.length);
      if (streams.length < 2) break;
    }
    expect(shares).toEqual([2, 2, 1]);
    expect(tokens(poll, events)).toEqual([]);
    expect(listener.counters()).toEqual({ accepted: 5, aborted: 0, exhausted: 0 });
    expect(() => listener.acceptMany(0)).toThrow(RangeError);
  });
}

test('a paused listener is not reported, whatever is done with its registration, and tells all when it resumes', () => {
  const listener = waiting(1);
  listener.pause();
  const { poll, events } = watched(READABLE, listener);
  expect(tokens(poll, events)).toEqual([]);
  poll.registry.reregister(listener, Token(3), READABLE);
  own(TcpStream.connect(listener.localAddr()));
  expect(tokens(poll, events, 30)).toEqual([]);
  expect([poll.registry.size, listener.paused]).toEqual([1, true]);
  listener.resume();
  expect(tokens(poll, events, 5000)).toEqual([3]);
  expect(listener.acceptMany(10).map((stream) => own(stream))).toHaveLength(2);
  listener.pause();
  poll.registry.deregister(listener);
  poll.registry.register(listener, Token(4), READABLE | Mode.EXCLUSIVE);
  own(TcpStream.connect(listener.localAddr()));
  expect(tokens(poll, events, 30)).toEqual([]);
  listener.resume();
  expect(tokens(poll, events, 5000)).toEqual([4]);
  listener.close();
  expect(code(() => listener.pause())).toBe('EVLOOP_CLOSED');
});

test('the queues of a connection and of a listener can be looked at', () => {
  const { listener, client, server } = tcpPair();
  expect(listener.acceptQueue()).toEqual({ waiting: 0, backlog: 511 });
  client.write(bytes('hello'));
  while (server.queueDepths().unread < 5);
  expect(server.info()).toMatchObject({ state: 1, bytesReceived: 5, retransmitted: 0 });
  expect(client.info().mss).toBeGreaterThan(500);
  expect(client.queueDepths().unread).toBe(0);
  const [near, far] = UnixStream.pair().map(own) as [UnixStream, UnixStream];
  near.write(bytes('abc'));
  expect(far.queueDepths().unread).toBe(3);
  expect(near.queueDepths().unsent).toBeGreaterThan(0);
});

test('with 64 descriptors, 300 clients are all served in the end, and the shortage was counted', async () => {
  const { stdout, stderr } = await runProgram('few-descriptors.mjs');
  const result = JSON.parse(stdout || JSON.stringify(stderr));
  expect(result).toMatchObject({ served: 300, failed: 0 });
  expect(result.counters.accepted).toBe(300);
  expect(result.counters.exhausted).toBeGreaterThan(0);
});
