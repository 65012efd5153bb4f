import { expect, test } from 'vitest';
import { Interest, UdpSocket, WouldBlock } from '../src/index.ts';
import { own, watched } from './fixture.ts';

const ROUNDS = 50;
const AT_ONCE = 32;

test('datagrams that come in one turn of the loop are one event', async () => {
  const receiver = own(await UdpSocket.bind('127.0.0.1:0'));
  const sender = own(await UdpSocket.bind('127.0.0.1:0'));
  const { poll, events } = watched(Interest.READABLE, receiver);
  const buffer = new Uint8Array(8);
  const round = async (): Promise<void> => {
    for (let i = 0; i < AT_ONCE; i++) sender.sendTo(buffer, receiver.localAddr());
    for (let received = 0; received < AT_ONCE; ) {
      await poll.poll(events);
      while (receiver.recv(buffer) !== WouldBlock) received++;
    }
  };
  for (let i = 0; i < ROUNDS; i++) await round();
  // Node reads up to 32 at a time; a few rounds are told apart by the kernel or by a guess that was
  // wrong.
  expect(poll.stats().events).toBeLessThan(ROUNDS * 4);
});
