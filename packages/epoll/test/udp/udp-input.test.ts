import { networkInterfaces } from 'node:os';
import { DatagramBatch, Interest, WouldBlock } from '@evloop/core';
import { noNativeObject, onlyIf } from '@evloop/testing';
import { expect, test } from 'vitest';
import { UdpSocket } from '../../src/index.ts';
import { native } from '../../src/native/native.ts';
import { code, own, watched } from '../support/fixture.ts';

const { AF_INET, SOCK_DGRAM, IPPROTO_IPV6, IPV6_MULTICAST_IF } = native.constants;
const IPPROTO_UDPLITE = 136;

const address6 = Object.entries(networkInterfaces()).flatMap(([name, all]) =>
  (all ?? []).flatMap((each) => (each.family === 'IPv6' ? [{ name, index: each.scopeid }] : [])),
);
const linked = address6.find(({ index }) => index > 0);

/** The interface of multicast datagrams, as the kernel has it. */
const chosen = (socket: UdpSocket): number =>
  new Int32Array(socket.getOption(IPPROTO_IPV6, IPV6_MULTICAST_IF).buffer)[0] as number;

test('an interface is found by its name, though Node tells no index of loopback', () => {
  const socket = own(UdpSocket.bind('[::]:0'));
  socket.setMulticastInterfaceV6('lo');
  expect(chosen(socket)).toBe(1);
  socket.joinMulticastV6('ff12::7778', 'lo');
  expect(code(() => socket.joinMulticastV6('ff12::7778', 1))).toBe('EADDRINUSE');
  // The zone of a group would say the interface twice.
  expect(() => socket.joinMulticastV6('ff12::7779%lo', 'lo')).toThrow(TypeError);
  expect(code(() => socket.joinMulticastV6('ff12::7778', 'nosuch0'))).toBe('ENODEV');
  expect(code(() => socket.joinMulticastV6('ff12::7778', '../lo'))).toBe('ENODEV');
});

test(
  'an interface is found by its name, whatever addresses it has',
  onlyIf(linked !== undefined, noNativeObject ?? 'no interface has a link-local address'),
  () => {
    const socket = own(UdpSocket.bind('[::]:0'));
    socket.setMulticastInterfaceV6(linked?.name as string);
    expect(chosen(socket)).toBe(linked?.index);
  },
);

test('options that are on or off take nothing else', () => {
  const bad = 'no' as never;
  for (const name of ['reuseAddr', 'reusePort', 'ipv6Only']) {
    expect(() => UdpSocket.bind('[::1]:0', { socket: { [name]: bad } })).toThrow(TypeError);
  }
  const four = own(UdpSocket.bind('127.0.0.1:0'));
  const six = own(UdpSocket.bind('[::1]:0'));
  expect(() => four.setBroadcast(bad)).toThrow(TypeError);
  expect(() => four.setMulticastLoopV4(bad)).toThrow(TypeError);
  expect(() => six.setMulticastLoopV6(bad)).toThrow(TypeError);
  expect(() => four.setCoalescing(bad)).toThrow(TypeError);
  expect([four.broadcast(), four.multicastLoopV4(), four.coalescing()]).toEqual([
    false,
    true,
    false,
  ]);
});

test('a socket of another protocol is no UDP socket, and stays the caller’s', ({ skip }) => {
  const fd = native.socket(AF_INET, SOCK_DGRAM, IPPROTO_UDPLITE);
  if (fd < 0) skip('this kernel has no UDP-Lite');
  expect(() => UdpSocket.fromFd(fd)).toThrow(TypeError);
  expect(native.close(fd)).toBe(0);
});

test('an invalid batch is a TypeError, also if the socket is known to be drained', () => {
  const socket = own(UdpSocket.bind('127.0.0.1:0'));
  const { poll, events } = watched(Interest.READABLE, socket);
  const batch = new DatagramBatch({ capacity: 4, slotSize: 16 });
  const gone = new DatagramBatch({ capacity: 4, slotSize: 16 });
  structuredClone(gone.data.buffer, { transfer: [gone.data.buffer as ArrayBuffer] });
  for (const bad of [gone, {}, undefined]) {
    socket.sendTo(Uint8Array.of(1), socket.localAddr());
    expect(poll.pollSync(events, 5000)).toBe(1);
    expect(socket.recvBatch(batch)).toBe(1);
    expect(() => socket.recvBatch(bad as never)).toThrow('batch');
    expect(socket.recvBatch(batch)).toBe(WouldBlock);
  }
});

test('the peer that is told is the caller’s to change', () => {
  const socket = own(UdpSocket.bind('127.0.0.1:0'));
  const to = socket.localAddr();
  socket.connect(to);
  Object.assign(socket.peerAddr(), { port: 1 });
  expect(socket.peerAddr()).toEqual(to);
});

test('a peer that cannot be reached leaves the socket as it was, and the peer that it had', () => {
  const socket = own(UdpSocket.bind('[::]:0'));
  const other = own(UdpSocket.bind('[::1]:0'));
  const local = socket.localAddr();
  const nowhere = '[fe80::1%2147483647]:9';
  expect(code(() => socket.connect(nowhere))).toBe('ENETUNREACH');
  expect(code(() => socket.peerAddr())).toBe('ENOTCONN');
  expect(socket.localAddr()).toEqual(local);
  expect(socket.sendTo(Uint8Array.of(1), other.localAddr())).toBe(1);
  socket.connect(other.localAddr());
  expect(code(() => socket.connect(nowhere))).toBe('ENETUNREACH');
  expect(socket.peerAddr()).toEqual(other.localAddr());
  expect(socket.send(Uint8Array.of(2))).toBe(1);
  const buffer = new Uint8Array(1);
  expect([other.recv(buffer), buffer[0], other.recv(buffer), buffer[0]]).toEqual([1, 1, 1, 2]);
});

test('a socket that is bound to a device stays so when its peer is taken away', ({ skip }) => {
  const socket = own(UdpSocket.bind('127.0.0.1:0'));
  if (code(() => socket.setSocketOption('bindToDevice', 'lo')) === 'EPERM')
    skip('not permitted before Linux 5.7');
  const local = socket.localAddr();
  socket.connect('127.0.0.1:9');
  socket.connect('127.0.0.1:10');
  expect(socket.socketOption('bindToDevice')).toBe('lo');
  socket.disconnect();
  expect(socket.socketOption('bindToDevice')).toBe('lo');
  expect(socket.localAddr()).toEqual(local);
});
