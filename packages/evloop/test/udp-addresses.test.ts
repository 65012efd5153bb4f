import { networkInterfaces } from 'node:os';
import { setImmediate as turn } from 'node:timers/promises';
import { type Backend, DatagramBatch, type UdpSocket, WouldBlock } from '@evloop/core';
import * as net from '@evloop/net';
import { onlyIf } from '@evloop/testing';
import { afterEach, describe, expect, test } from 'vitest';

const epoll: Backend = await import('@evloop/epoll');

const linkLocal = Object.entries(networkInterfaces())
  .flatMap(([name, addresses]) => (addresses ?? []).map((address) => ({ name, ...address })))
  .find((address) => address.family === 'IPv6' && address.scopeid > 0);

const open: UdpSocket[] = [];
afterEach(() => {
  for (const socket of open.splice(0)) socket.close();
});

const one: Uint8Array = Uint8Array.of(1);

describe.each([epoll, net])('addresses of UDP on $name', (backend) => {
  async function bind(address: string): Promise<UdpSocket> {
    const socket = await backend.UdpSocket.bind(address);
    open.push(socket);
    return socket;
  }

  test('a peer is told in the form of RFC 5952, however it was written', async () => {
    const socket = await bind('[::]:0');
    for (const [given, told] of [
      ['[0:0:0:0:0:0:0:1]:9', '::1'],
      ['[::FFFF:7f00:1]:9', '::ffff:127.0.0.1'],
    ] as const) {
      socket.connect(given);
      expect(socket.peerAddr()).toEqual({ address: told, port: 9, family: 'IPv6' });
    }
  });

  test('a socket without an address of its own has one while it is connected', async () => {
    const socket = await bind('0.0.0.0:0');
    const { port } = socket.localAddr();
    socket.connect('127.0.0.1:9');
    expect(socket.localAddr()).toEqual({ address: '127.0.0.1', port, family: 'IPv4' });
    socket.disconnect();
    expect(socket.localAddr()).toEqual({ address: '0.0.0.0', port, family: 'IPv4' });
  });

  test('what is told is the caller’s to change', async () => {
    const socket = await bind('127.0.0.1:0');
    const to = socket.localAddr();
    socket.connect(to);
    Object.assign(socket.peerAddr(), { port: 1 });
    Object.assign(socket.localAddr(), { port: 1 });
    expect([socket.peerAddr(), socket.localAddr()]).toEqual([to, to]);
  });

  test('a datagram above the limit of IPv4 is EMSGSIZE at once through IPv6 too', async () => {
    const socket = await bind('[::]:0');
    const receiver = await bind('127.0.0.1:0');
    const { port } = receiver.localAddr();
    const tooMuch = new Uint8Array(65_508);
    for (const address of ['::ffff:127.0.0.1', '::FFFF:7f00:1', '0:0::ffff:127.0.0.1']) {
      expect(() => socket.sendTo(tooMuch, { address, port })).toThrow(
        expect.objectContaining({ code: 'EMSGSIZE' }),
      );
    }
    expect(socket.takeError()).toBeUndefined();
    const buffer = new Uint8Array(65_536);
    expect(socket.sendTo(tooMuch, { address: '::ffff:127.0.0.1', port }, 1)).toBe(65_507);
    while (receiver.peek(buffer) === WouldBlock) await turn();
    expect(receiver.recv(buffer)).toBe(65_507);
  });

  test('an unknown zone throws, and no other interface is used', async () => {
    await expect(bind('[fe80::1%nosuch0]:0').then(String)).rejects.toThrow(TypeError);
    const socket = await bind('[::]:0');
    for (const act of [
      () => socket.sendTo(one, '[fe80::1%nosuch0]:9'),
      () => socket.connect('[fe80::1%nosuch0]:9'),
    ]) {
      expect(act).toThrow(TypeError);
    }
    for (const act of [
      () => socket.sendTo(one, '[fe80::1%2147483647]:9'),
      () => socket.connect('[fe80::1%2147483647]:9'),
    ]) {
      expect(act).toThrow(expect.objectContaining({ code: 'ENETUNREACH' }));
    }
    expect(() => socket.peerAddr()).toThrow(expect.objectContaining({ code: 'ENOTCONN' }));
    const to = { ...socket.localAddr(), address: '::1' };
    expect(socket.sendTo(one, to)).toBe(1);
    while (socket.peek(one) === WouldBlock) await turn();
  });

  test(
    'the zone of a sender is a number, and its address is good for an answer',
    onlyIf(linkLocal !== undefined, 'no interface has a link-local address'),
    async () => {
      const { name, address, scopeid } = linkLocal as NonNullable<typeof linkLocal> & {
        scopeid: number;
      };
      const server = await bind(`[${address}%${name}]:0`);
      const client = await bind(`[${address}%${scopeid}]:0`);
      expect(server.localAddr().address).toBe(`${address}%${scopeid}`);
      client.connect({ ...server.localAddr(), address: `${address}%${name}` });
      expect(client.peerAddr()).toEqual(server.localAddr());
      client.send(one);
      while (server.peek(one) === WouldBlock) await turn();
      const batch = new DatagramBatch({ capacity: 1, slotSize: 8 });
      const seen = server.peekFrom(one);
      expect(server.recvBatch(batch)).toBe(1);
      expect(seen).toMatchObject({ address: client.localAddr() });
      expect(batch.address(0)).toEqual(client.localAddr());
      const answer = new DatagramBatch({ capacity: 1, slotSize: 8 });
      answer.push(one, client.localAddr());
      expect(server.sendBatch(answer)).toBe(1);
      while (client.recv(one) === WouldBlock) await turn();
    },
  );
});
