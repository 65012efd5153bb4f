import type { ReceivedDatagram, UdpSocket } from '@evloop/core';
import { WouldBlock } from '@evloop/core';
import { describe, expect, it } from 'vitest';
import { Datagrams } from '../src/index.ts';
import { bytes, loopOf, own, runUntil, text, ways } from './fixture.ts';

const buffer = new Uint8Array(65536);
const refused: Error = Object.assign(new Error('send ECONNREFUSED'), {
  code: 'ECONNREFUSED',
  errno: -111,
  syscall: 'send',
});

/** A real socket, whose receives and sends come out like this. */
function disguise(
  socket: UdpSocket,
  arrived: (ReceivedDatagram | Error)[],
  sends: (number | WouldBlock | Error)[],
): UdpSocket {
  const next = <T>(list: (T | Error)[], otherwise: T): T => {
    const found = list.shift() ?? otherwise;
    if (found instanceof Error) throw found;
    return found;
  };
  return Object.assign(socket, {
    recvFrom: () => next<ReceivedDatagram | WouldBlock>(arrived, WouldBlock),
    sendTo: () => next<number | WouldBlock>(sends, 3),
  });
}

const address = { address: '127.0.0.1', port: 9, family: 'IPv4' } as const;
const datagram: ReceivedDatagram = { size: 3, address, truncated: false };

describe.each(ways)('datagrams on $name', (way) => {
  const bind = async () => own(await way.backend.UdpSocket.bind('127.0.0.1:0'));

  it('echoes, empty ones too, and stays on its feet', async () => {
    const loop = loopOf(way);
    const heard: string[] = [];
    const [server, client] = [await bind(), await bind()];
    const echo = new Datagrams(loop, server, buffer, ({ size, address }) => {
      echo.sendTo(buffer, address, 0, size);
    });
    const place = new Uint8Array(100);
    const talker = new Datagrams(loop, client, place, ({ size }) => {
      heard.push(text(place.subarray(0, size)));
      if (heard.length === 3) loop.stop();
    });
    for (const word of ['one', '', 'two']) talker.sendTo(bytes(word), server.localAddr());
    await loop.run();
    expect(heard).toEqual(['one', '', 'two']);
    expect(echo.counters).toEqual({ received: 3, sent: 3, blocked: 0, failed: 0 });
    echo.close();
    echo.close();
    expect(loop.size).toBe(1);
  });

  it('drops what would block and goes on after errors, and counts both', async () => {
    const loop = loopOf(way);
    const arrived = [datagram, datagram, refused, datagram, datagram];
    const socket = disguise(await bind(), arrived, [3, WouldBlock, refused, 3]);
    const echo = new Datagrams(loop, socket, buffer, ({ address }) => {
      echo.sendTo(buffer, address, 0, 3);
    });
    echo.wake();
    await runUntil(loop, new Promise<void>((resolve) => loop.deadlines.in(5, resolve)));
    expect(echo.counters).toEqual({ received: 4, sent: 2, blocked: 1, failed: 2 });
  });

  it('lets others have their turn under a flood', async () => {
    const loop = loopOf(way);
    const socket = disguise(await bind(), Array(1000).fill(datagram), []);
    const order: number[] = [];
    const flood = new Datagrams(loop, socket, buffer, () => {});
    flood.wake();
    loop.defer(() => {
      order.push(flood.counters.received);
      if (flood.counters.received < 1000) return 'again';
      loop.stop();
      return 'end';
    });
    await loop.run();
    expect(order).toEqual([256, 512, 768, 1000]);
  });

  it('does not take a mistake for what the network does', async () => {
    const loop = loopOf(way);
    const socket = disguise(await bind(), [new TypeError('a mistake')], []);
    new Datagrams(loop, socket, buffer, () => {}).wake();
    await expect(loop.run()).rejects.toThrow('a mistake');
  });
});
