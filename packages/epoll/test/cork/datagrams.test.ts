// What a corked poll does with datagrams: see `PollConstructorOptions.cork`.
import { DatagramBatch, Events, Interest, Token, WouldBlock } from '@evloop/core';
import { expect, test } from 'vitest';
import { Poll, UdpSocket } from '../../src/index.ts';
import { bytes, code, filled, own } from '../support/fixture.ts';

/** A socket that is registered with a corked poll, in a batch; and one that receives. */
function corkedPair() {
  const poll = own(new Poll({ cork: true }));
  const events = new Events(16);
  const near = own(UdpSocket.bind('127.0.0.1:0'));
  const far = own(UdpSocket.bind('127.0.0.1:0'));
  poll.registry.register(near, Token(1), Interest.READABLE | Interest.WRITABLE);
  poll.pollSync(events, 1000);
  return { poll, events, near, far, to: far.localAddr() };
}

/** What has arrived, without waiting: loopback delivers before the system call returns. */
function arrived(socket: UdpSocket): string[] {
  const buffer = new Uint8Array(65536);
  const texts: string[] = [];
  for (let one = socket.recvFrom(buffer); one !== WouldBlock; one = socket.recvFrom(buffer)) {
    texts.push(new TextDecoder().decode(buffer.subarray(0, one.size)));
  }
  return texts;
}

test('datagrams of a batch leave at the next wait, in order', () => {
  const { poll, events, near, far, to } = corkedPair();
  expect(near.sendTo(bytes('one'), to)).toBe(3);
  expect(near.sendTo(bytes('-two-'), to, 1, 3)).toBe(3);
  expect(near.sendTo(new Uint8Array(0), to)).toBe(0);
  expect(near.sendTo(bytes('four'), to, 0, 4, { tos: 4 })).toBe(4);
  expect(near.sendTo(filled(200, 46), to)).toBe(200);
  expect(arrived(far)).toEqual([]);
  poll.pollSync(events, 0);
  expect(arrived(far)).toEqual(['one', 'two', '', 'four', '.'.repeat(200)]);
  expect(poll.stats().cork).toEqual({ corked: 5, flushed: 5, deferred: 0, refused: 0 });
});

test('the bytes belong to the caller again', () => {
  const { poll, events, near, far, to } = corkedPair();
  for (const size of [3, 300]) {
    const buffer = filled(size, 65);
    near.sendTo(buffer, to);
    buffer.fill(66);
    poll.pollSync(events, 0);
    expect(arrived(far)).toEqual(['A'.repeat(size)]);
  }
});

test('a connected socket and replies are held, too', () => {
  const { poll, events, near, far, to } = corkedPair();
  far.sendTo(bytes('question'), near.localAddr());
  poll.pollSync(events, 1000);
  const buffer = new Uint8Array(64);
  const question = near.recvFrom(buffer);
  if (question === WouldBlock) throw new Error('nothing came');
  near.replyTo(buffer, question, 0, question.size);
  expect(arrived(far)).toEqual([]);
  poll.pollSync(events, 0);
  expect(arrived(far)).toEqual(['question']);
  near.connect(to);
  near.send(bytes('connected'));
  expect(arrived(far)).toEqual([]);
  poll.pollSync(events, 0);
  expect(arrived(far)).toEqual(['connected']);
});

test('more datagrams than one system call takes stay in order', () => {
  const { poll, events, near, far, to } = corkedPair();
  const expected = Array.from({ length: 150 }, (_, i) => `${i}`);
  for (const text of expected) expect(near.sendTo(bytes(text), to)).toBe(text.length);
  poll.pollSync(events, 0);
  expect(arrived(far)).toEqual(expected);
});

test('large datagrams and batches are sent at once, behind what is held', () => {
  const { near, far, to } = corkedPair();
  near.sendTo(bytes('held'), to);
  near.sendTo(filled(20_000, 46), to);
  expect(arrived(far).map((text) => text.length)).toEqual([4, 20_000]);
  near.sendTo(bytes('held'), to);
  const batch = new DatagramBatch({ capacity: 2, slotSize: 64 });
  batch.push(bytes('in a batch'), to);
  near.sendBatch(batch);
  expect(arrived(far)).toEqual(['held', 'in a batch']);
});

test('a socket that is registered no more sends at once', () => {
  const { poll, near, far, to } = corkedPair();
  near.sendTo(bytes('held'), to);
  poll.registry.deregister(near);
  near.sendTo(bytes('at once'), to);
  expect(arrived(far)).toEqual(['held', 'at once']);
});

test('they are sent at the end of the run of JavaScript if the program does not poll', async () => {
  const { near, far, to } = corkedPair();
  near.sendTo(bytes('later'), to);
  expect(arrived(far)).toEqual([]);
  await Promise.resolve();
  await Promise.resolve();
  expect(arrived(far)).toEqual(['later']);
});

test.each([
  ['close', (s: UdpSocket) => s.close()],
  ['connect', (s: UdpSocket) => s.connect('127.0.0.1:9')],
  ['setSocketOption', (s: UdpSocket) => s.setSocketOption('sendBufferSize', 8192)],
  ['localAddr', (s: UdpSocket) => void s.localAddr()],
  ['deregister', (s: UdpSocket, poll: Poll) => poll.registry.deregister(s)],
  ['closing the poll', (_: UdpSocket, poll: Poll) => poll.close()],
])('what is held is sent before %s', (_, operation) => {
  const { poll, near, far, to } = corkedPair();
  near.sendTo(bytes('held'), to);
  operation(near, poll);
  expect(arrived(far)).toEqual(['held']);
});

const failing = { address: '255.255.255.255', port: 9 };

test.each([
  ['sendTo', (s: UdpSocket) => s.sendTo(bytes('x'), failing)],
  ['recv', (s: UdpSocket) => s.recvFrom(new Uint8Array(1))],
  [
    'takeError',
    (s: UdpSocket) => {
      throw s.takeError();
    },
  ],
])('the error of one comes later, by %s, and the datagrams behind it are sent', (_, operation) => {
  const { poll, events, near, far, to } = corkedPair();
  near.sendTo(bytes('before'), to);
  expect(near.sendTo(bytes('broadcast'), failing)).toBe(9); // not permitted: EACCES
  near.sendTo(bytes('behind'), to);
  expect(poll.pollSync(events, 1000)).toBe(1);
  expect([...events].map((event) => event.error)).toEqual([true]);
  expect(arrived(far)).toEqual(['before', 'behind']);
  expect(code(() => operation(near))).toBe('EACCES');
  expect(near.recvFrom(new Uint8Array(1))).toBe(WouldBlock);
  expect(poll.stats().cork).toMatchObject({ corked: 3, refused: 1 });
});

test('invalid arguments are rejected as without a cork, and nothing is sent', () => {
  const { poll, events, near, far, to } = corkedPair();
  expect(() => near.sendTo(new Uint8Array(4), to, 2, 3)).toThrow(RangeError);
  expect(() => near.sendTo('text' as unknown as Uint8Array, to)).toThrow(TypeError);
  expect(code(() => near.send(bytes('x')))).toBe('EDESTADDRREQ');
  expect(code(() => near.sendTo(bytes('x'), '[::1]:9'))).toBe('EAFNOSUPPORT');
  poll.pollSync(events, 0);
  expect(arrived(far)).toEqual([]);
});
