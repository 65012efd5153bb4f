import { Interest, Mode, WouldBlock } from '@evloop/core';
import { expect, test } from 'vitest';
import { constants as c, UdpSocket } from '../../src/index.ts';
import { filled, own, some, tcpPair, watched } from '../support/fixture.ts';
import { runProgram } from '../support/program.ts';

const { SOL_SOCKET, SO_TIMESTAMPING } = c;
/** TX_SOFTWARE, SOFTWARE, OPT_ID and OPT_TSONLY of the kernel's timestamping.rst. */
const TRANSMIT = new Uint8Array(Int32Array.of(2 | 16 | 128 | 2048).buffer);

/** A port of this machine that nothing listens on. */
function deadPort(): string {
  const gone = UdpSocket.bind('127.0.0.1:0');
  const { port } = gone.localAddr();
  gone.close();
  return `127.0.0.1:${port}`;
}

test('an unread error queue makes one event with Mode.LEVEL, and no endless loop', () => {
  const socket = own(UdpSocket.bind('127.0.0.1:0', { socket: { recvErrors: true } }));
  const { poll, events } = watched(Interest.READABLE | Mode.LEVEL, socket);
  socket.sendTo(filled(3), deadPort());
  expect(poll.pollSync(events, 5000)).toBe(1);
  expect([...events].map(({ error, writeClosed }) => [error, writeClosed])).toEqual([
    [true, false],
  ]);
  expect(poll.pollSync(events, 30)).toBe(0);
  expect(some(socket.recvError()).error?.code).toBe('ECONNREFUSED');
});

test('with Mode.ONESHOT, a timestamp without PRIORITY in the interest does not use up the event', () => {
  const target = own(UdpSocket.bind('127.0.0.1:0'));
  const socket = own(UdpSocket.bind('127.0.0.1:0', { socket: { sendTimestamps: true } }));
  const { poll, events } = watched(Interest.READABLE | Mode.ONESHOT, socket);
  socket.sendTo(filled(3), target.localAddr());
  expect(poll.pollSync(events, 30)).toBe(0);
  target.sendTo(filled(3), socket.localAddr());
  expect(poll.pollSync(events, 5000)).toBe(1);
  expect([...events].map(({ readable, error }) => [readable, error])).toEqual([[true, false]]);
});

test('times of sending do not report a healthy TCP stream as failed', () => {
  const { client, server } = tcpPair();
  client.setOption(SOL_SOCKET, SO_TIMESTAMPING, TRANSMIT);
  const { poll, events } = watched(Interest.READABLE | Interest.PRIORITY, client);
  expect(client.write(filled(10))).toBe(10);
  expect(poll.pollSync(events, 5000)).toBe(1);
  const [event] = [...events].map(toBits);
  expect(event).toMatchObject({ error: false, writeClosed: false, priority: true });
  expect(some(client.recvError()).kind).toBe('timestamp');
  expect(client.recvError()).toBe(WouldBlock);
  expect(some(server.read(filled(20)))).toBe(10);
});

test('a stream that is reset is reported as failed, also with times of sending', () => {
  const { client, server } = tcpPair();
  client.setOption(SOL_SOCKET, SO_TIMESTAMPING, TRANSMIT);
  const { poll, events } = watched(Interest.READABLE, client);
  client.write(filled(10));
  server.setSocketOption('linger', 0);
  server.close();
  expect(poll.pollSync(events, 5000)).toBe(1);
  expect([...events].map(toBits)).toMatchObject([{ error: true, writeClosed: true }]);
});

test('the number of unread entries is limited, and dropped ones are counted', () => {
  const socket = own(
    UdpSocket.bind('127.0.0.1:0', { socket: { sendTimestamps: true, recvBufferSize: 1 << 20 } }),
  );
  const target = own(UdpSocket.bind('127.0.0.1:0', { socket: { recvBufferSize: 1 << 20 } }));
  const { poll, events } = watched(Interest.PRIORITY, socket);
  for (let i = 0; i < 300; i++) {
    socket.sendTo(filled(1), target.localAddr());
    poll.pollSync(events, 0);
  }
  expect(socket.counters().errorDrops).toBe(300 - 256);
  let taken = 0;
  while (socket.recvError() !== WouldBlock) taken++;
  expect(taken).toBe(256);
});

test('a datagram that is too long is EMSGSIZE also when no descriptor is left', async () => {
  const { stdout } = await runProgram('too-long-datagram.mjs', { before: 'ulimit -n 200' });
  expect(JSON.parse(stdout)).toEqual([{ code: 'EMSGSIZE', maxSize: 65_507 }, { code: 'EMSGSIZE' }]);
});

function toBits(event: {
  error: boolean;
  writeClosed: boolean;
  priority: boolean;
}): Record<string, boolean> {
  const { error, writeClosed, priority } = event;
  return { error, writeClosed, priority };
}
