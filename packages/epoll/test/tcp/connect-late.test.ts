// finishConnect that is called late, or never: connected is what was connected at some time before.
import { WouldBlock } from '@evloop/core';
import { expect, test } from 'vitest';
import { TcpListener, TcpStream } from '../../src/index.ts';
import { bytes, own, tcpPair, tokens, watched } from '../support/fixture.ts';

const buffer = new Uint8Array(100);

/** Reads until something comes of it. */
function readSoon(stream: TcpStream): number {
  for (;;) {
    const size = stream.read(buffer);
    if (size !== WouldBlock) return size;
  }
}

test('a connection that has come and gone was connected', () => {
  const { client, server } = tcpPair();
  client.write(bytes('abc'));
  client.shutdown('write');
  expect([readSoon(server), readSoon(server)]).toEqual([3, 0]);
  server.close();
  expect(readSoon(client)).toBe(0);
  while (client.info().state !== 7);
  expect(client.takeError()).toBeUndefined();
  expect(client.finishConnect()).toBe(true);
  expect(client.finishConnect()).toBe(true);
});

test('a connection that is reset did not fail to connect', () => {
  for (const take of ['read', 'write', 'takeError', 'finishConnect'] as const) {
    const { client, server } = tcpPair();
    server.setSocketOption('linger', 0);
    server.close();
    while (client.info().state !== 7);
    if (take === 'read') expect(() => client.read(buffer)).toThrow('read ECONNRESET');
    if (take === 'write') expect(() => client.write(buffer)).toThrow('write ECONNRESET');
    if (take === 'takeError') expect(client.takeError()?.message).toBe('read ECONNRESET');
    expect(client.finishConnect()).toBe(true);
    if (take === 'finishConnect') expect(client.takeError()?.message).toBe('read ECONNRESET');
    expect(client.takeError()).toBeUndefined();
  }
});

test('a refused connection fails to connect, whether the event or finishConnect comes first', () => {
  const listener = TcpListener.bind('127.0.0.1:0');
  const address = listener.localAddr();
  listener.close();
  for (const take of ['read', 'write', 'takeError', 'finishConnect'] as const) {
    const client = own(TcpStream.connect(address));
    const { poll, events } = watched(2, client);
    expect(tokens(poll, events, 5000)).toEqual([0]);
    const message = `connect ECONNREFUSED 127.0.0.1:${address.port}`;
    if (take === 'read') expect(() => client.read(buffer)).toThrow(message);
    if (take === 'write') expect(() => client.write(buffer)).toThrow(message);
    if (take === 'takeError') expect(client.takeError()?.message).toBe(message);
    for (let i = 0; i < 2; i++) expect(() => client.finishConnect()).toThrow(message);
    if (take === 'finishConnect') expect(client.takeError()?.message).toBe(message);
    expect(client.takeError()).toBeUndefined();
    expect(() => client.finishConnect()).toThrow(message);
  }
});
