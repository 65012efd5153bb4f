import { networkInterfaces } from 'node:os';
import { setTimeout as sleep } from 'node:timers/promises';
import { WouldBlock } from '@evloop/core';
import { onlyIf } from '@evloop/testing';
import { expect, test } from 'vitest';
import { UdpSocket } from '../src/index.ts';
import { interfaceIndex, literal, zoneOf } from '../src/interfaces.ts';

const loopback = process.platform === 'darwin' ? 'lo0' : 'lo';
const buffer: Uint8Array = new Uint8Array(100);

async function receives(socket: UdpSocket, ms: number): Promise<boolean> {
  for (const end = performance.now() + ms; performance.now() < end; await sleep(2)) {
    if (socket.recv(buffer) !== WouldBlock) return true;
  }
  return false;
}

test('IPv4 groups: join and leave', async () => {
  using member = await UdpSocket.bind('0.0.0.0:0');
  using sender = await UdpSocket.bind('127.0.0.1:0');
  const to = `239.7.7.7:${member.localAddr().port}`;
  member.joinMulticastV4('239.7.7.7', '127.0.0.1');
  expect(() => member.joinMulticastV4('239.7.7.7', '127.0.0.1')).toThrow(
    expect.objectContaining({ code: 'EADDRINUSE' }),
  );
  expect(() => member.joinMulticastV4('10.0.0.1')).toThrow(
    expect.objectContaining({ code: 'EINVAL' }),
  );
  sender.setMulticastInterfaceV4('127.0.0.1');
  sender.sendTo(new Uint8Array(3), to);
  expect(await receives(member, 2000)).toBe(true);
  member.leaveMulticastV4('239.7.7.7', '127.0.0.1');
  sender.sendTo(new Uint8Array(3), to);
  expect(await receives(member, 30)).toBe(false);
  expect(() => member.leaveMulticastV4('239.7.7.7', '127.0.0.1')).toThrow(
    expect.objectContaining({ code: 'EADDRNOTAVAIL' }),
  );
  sender.sendTo(new Uint8Array(3), `127.0.0.1:${member.localAddr().port}`);
  expect(await receives(member, 2000)).toBe(true);
});

// Loopback loops whatever is asked for, and often has no route for IPv6 groups. With 0 hops nothing
// leaves the host.
const real = Object.entries(networkInterfaces())
  .flatMap(([name, addresses]) => (addresses ?? []).map((address) => ({ name, ...address })))
  .filter((address) => !address.internal);
const v4 = real.find((address) => address.family === 'IPv4');
const v6 = real.find((address) => address.family === 'IPv6' && address.scopeid > 0);
const noAddress = 'no interface besides loopback has an address for it';

test('IPv4 groups: loop', onlyIf(v4 !== undefined, noAddress), async () => {
  const address = v4?.address as string;
  using member = await UdpSocket.bind('0.0.0.0:0');
  using sender = await UdpSocket.bind('0.0.0.0:0');
  const to = `239.7.7.8:${member.localAddr().port}`;
  member.joinMulticastV4('239.7.7.8', address);
  sender.setMulticastInterfaceV4(address);
  sender.setMulticastTtlV4(0);
  for (const on of [true, false, true]) {
    sender.setMulticastLoopV4(on);
    sender.sendTo(new Uint8Array(3), to);
    expect(await receives(member, on ? 2000 : 30)).toBe(on);
  }
});

test(
  'IPv6 groups, by the name and by the index of the interface: join, loop, leave',
  onlyIf(v6 !== undefined, noAddress),
  async () => {
    const name = v6?.name as string;
    for (const id of [name, interfaceIndex(name) as number]) {
      using member = await UdpSocket.bind('[::]:0');
      using sender = await UdpSocket.bind('[::]:0');
      const to = `[ff12::7777%${id}]:${member.localAddr().port}`;
      member.joinMulticastV6('ff12::7777', id);
      sender.setMulticastInterfaceV6(id);
      expect(sender.multicastInterfaceV6()).toBe(id);
      sender.setMulticastHopsV6(0);
      for (const on of [true, false, true]) {
        sender.setMulticastLoopV6(on);
        sender.sendTo(new Uint8Array(3), to);
        expect(await receives(member, on ? 2000 : 30)).toBe(on);
      }
      member.leaveMulticastV6('ff12::7777', id);
      sender.sendTo(new Uint8Array(3), to);
      expect(await receives(member, 30)).toBe(false);
    }
  },
);

test('an unknown interface throws', async () => {
  using socket = await UdpSocket.bind('[::1]:0');
  for (const id of ['nosuch0', 999_999]) {
    expect(() => socket.joinMulticastV6('ff12::1', id)).toThrow(
      expect.objectContaining({ code: 'ENODEV' }),
    );
  }
  expect(() => socket.joinMulticastV6('ff12::1', -1)).toThrow(RangeError);
  expect(() => socket.joinMulticastV6('127.0.0.1')).toThrow(TypeError);
});

test('zones are names for libuv', () => {
  const index = interfaceIndex(loopback) as number;
  expect(zoneOf(index)).toBe(loopback);
  expect(zoneOf(loopback)).toBe(loopback);
  expect(literal(`fe80::1%${index}`)).toBe(`fe80::1%${loopback}`);
  expect(literal('fe80::1%eth7')).toBe('fe80::1%eth7');
  expect(literal('127.0.0.1')).toBe('127.0.0.1');
});
