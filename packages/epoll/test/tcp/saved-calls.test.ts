// The system call that is saved after a short transfer: only while the edge that follows is
// certain, and never in place of another answer.
import { Interest, Mode, Token, WouldBlock } from '@evloop/core';
import { expect, test } from 'vitest';
import { native } from '../../src/native/native.ts';
import { bytes, own, tcpPair, tokens, watched } from '../support/fixture.ts';

const { READABLE, WRITABLE } = Interest;
const buffer = new Uint8Array(100);

/** A pair whose server has just read all that there was, and been told so by the short read. */
function drained(interest: number = READABLE) {
  const pair = tcpPair();
  const { poll, events } = watched(interest, pair.server);
  pair.client.write(bytes('abc'));
  while (tokens(poll, events, 5000).length === 0);
  expect(pair.server.read(buffer)).toBe(3);
  return { ...pair, poll, events };
}

/** A pair whose client has just been told by a partial write that there is no more room. */
function full() {
  const pair = tcpPair();
  pair.client.setSocketOption('sendBufferSize', 5000);
  const { poll, events } = watched(WRITABLE, pair.client);
  tokens(poll, events, 5000);
  const much = new Uint8Array(1 << 20);
  for (let size: number | WouldBlock = much.length; size === much.length; ) {
    size = pair.client.write(much);
  }
  return { ...pair, poll, events };
}

test('exclusive registrations are not told of an end, so that a short read says nothing', () => {
  const { client, server } = tcpPair();
  client.write(bytes('abc'));
  client.shutdown('write');
  const { poll, events } = watched(READABLE | Mode.EXCLUSIVE, server);
  expect(tokens(poll, events, 5000)).toEqual([0]);
  // Both have arrived before the event: no other one will come.
  while (server.peek(buffer) === WouldBlock || server.info().state !== 8);
  tokens(poll, events);
  expect(server.read(buffer)).toBe(3);
  expect(server.read(buffer)).toBe(0);
});

test('exclusive registrations are not told of urgent data, which ends a read early', () => {
  const { client, server } = tcpPair();
  client.write(bytes('abc'));
  native.send(client.fd, bytes('u'), 0, 1, native.constants.MSG_OOB);
  client.write(bytes('def'));
  while (server.queueDepths().unread === 0 || server.info().bytesReceived !== 7);
  const { poll, events } = watched(READABLE | Mode.EXCLUSIVE, server);
  expect(tokens(poll, events, 5000)).toEqual([0]);
  expect(server.read(buffer)).toBe(3);
  expect(server.read(buffer)).toBe(3);
});

test('after shutdown a read answers 0 at once, also after a short one', () => {
  const { client, server } = drained();
  server.shutdown('read');
  expect(server.read(buffer)).toBe(0);
  // Linux takes what comes nevertheless.
  client.write(bytes('def'));
  while (server.peek(buffer) === 0);
  expect(server.read(buffer)).toBe(3);
  expect(server.read(buffer)).toBe(0);
});

test('after shutdown a write throws EPIPE at once, also after a partial one', () => {
  const { client } = full();
  client.shutdown('write');
  expect(() => client.write(bytes('abc'))).toThrow('EPIPE');
});

test('when the poll was closed a short read says nothing', () => {
  const { client, server, poll } = drained();
  poll.close();
  client.write(bytes('def'));
  while (server.peek(buffer) === WouldBlock);
  expect(server.read(buffer)).toBe(3);
  client.write(bytes('g'));
  while (server.peek(buffer) === WouldBlock);
  expect(server.read(buffer)).toBe(1);
});

test('when the poll was closed a partial write says nothing', () => {
  const { client, server, poll } = full();
  poll.close();
  const much = new Uint8Array(1 << 20);
  // While the peer reads, there comes a moment from which on there is room.
  while (client.queueDepths().unsent > 0) server.read(much);
  expect(client.write(bytes('abc'))).toBe(3);
});

test('wrong arguments are told in place of a saved read and a saved write', () => {
  const { server } = drained();
  expect(() => server.read(buffer, 0, 101)).toThrow(RangeError);
  expect(() => server.read(new Uint16Array(8) as never)).toThrow(TypeError);
  expect(server.read(buffer)).toBe(WouldBlock);
  const { client } = full();
  expect(() => client.write(buffer, 99, 2)).toThrow(RangeError);
  expect(() => client.write(new Uint16Array(8) as never)).toThrow(TypeError);
  expect(client.write(new Uint8Array(0))).toBe(0);
  expect(client.write(buffer)).toBe(WouldBlock);
});

test('a short read is relied upon again by the next poll that a stream is registered with', () => {
  const { client, server, poll } = drained();
  poll.close();
  const next = watched(READABLE, server);
  client.write(bytes('def'));
  while (tokens(next.poll, next.events, 5000).length === 0);
  expect(server.read(buffer)).toBe(3);
  expect(server.read(buffer)).toBe(WouldBlock);
  expect(next.poll.stats().syscalls?.saved).toBe(1);
  next.poll.registry.reregister(server, Token(1), READABLE);
});

test('more than 64 buffers, the first of them empty, are neither an end nor nothing written', () => {
  const { client, server } = tcpPair();
  const none = Array.from({ length: 64 }, () => new Uint8Array(0));
  expect(client.writev([...none, bytes('abc')])).toBe(3);
  while (server.peek(buffer) === WouldBlock);
  const into = new Uint8Array(10);
  expect(server.readv([...none, into])).toBe(3);
  expect(server.readv([...none, into])).toBe(WouldBlock);
  own(client);
});
