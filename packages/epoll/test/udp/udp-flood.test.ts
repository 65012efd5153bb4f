import { WouldBlock } from '@evloop/core';
import { expect, test } from 'vitest';
import { UdpSocket } from '../../src/index.ts';
import { filled, own } from '../support/fixture.ts';

test('a flood is bounded by the kernel, and what is received and dropped is what was sent', () => {
  const socket = own(UdpSocket.bind('127.0.0.1:0'));
  const target = own(UdpSocket.bind('127.0.0.1:0', { socket: { recvBufferSize: 8192 } }));
  const to = target.localAddr();
  const datagram = filled(500);
  const buffer = filled(500);
  const memory = (): number => process.memoryUsage().rss;
  let received = 0;
  let sent = 0;
  const flood = (): void => {
    // Every twentieth is read: far too few.
    for (let i = 0; i < 50_000; i++) {
      socket.sendTo(datagram, to);
      sent++;
      if (i % 20 === 0 && target.recv(buffer) !== WouldBlock) received++;
    }
  };
  flood();
  const before = memory();
  flood();
  expect(memory() - before).toBeLessThan(25_000_000 / 2);
  while (target.recv(buffer) !== WouldBlock) received++;
  const { kernelDrops, queueDrops } = target.counters();
  expect(kernelDrops).toBeGreaterThan(0);
  expect(received + queueDrops + Number(kernelDrops)).toBe(sent);
});
