import { Interest } from '@evloop/core';
import { expect, test } from 'vitest';
import { UdpSocket } from '../../src/index.ts';
import { code, filled, own, watched } from '../support/fixture.ts';

test('steering takes effect whatever the order of the options is', () => {
  const steering = { by: 'byte', offset: 0, sockets: 1 } as const;
  const options = { socket: { steering, reusePort: true } };
  const socket = own(UdpSocket.bind('127.0.0.1:0', options));
  expect(socket.socketOption('steering')).toEqual(steering);
});

test('every option is read back as it was set', () => {
  const four = own(UdpSocket.bind('127.0.0.1:0', { socket: { reuseAddr: true, reusePort: true } }));
  const six = own(UdpSocket.bind('[::1]:0', { socket: { ipv6Only: true } }));
  expect([four.socketOption('reuseAddr'), four.socketOption('reusePort')]).toEqual([true, true]);
  expect([six.socketOption('reuseAddr'), six.socketOption('ipv6Only')]).toEqual([false, true]);
  four.setBroadcast(true);
  four.setTtl(9);
  six.setTtl(10);
  four.setMulticastTtlV4(3);
  four.setMulticastLoopV4(false);
  six.setMulticastHopsV6(4);
  six.setMulticastLoopV6(false);
  four.setMulticastInterfaceV4('127.0.0.1');
  four.setSocketOption('recvBufferSize', 32768);
  four.setSocketOption('sendBufferSize', 32768);
  expect([four.broadcast(), four.ttl(), six.ttl(), four.multicastTtlV4()]).toEqual([
    true,
    9,
    10,
    3,
  ]);
  expect([four.multicastLoopV4(), six.multicastHopsV6(), six.multicastLoopV6()]).toEqual([
    false,
    4,
    false,
  ]);
  expect([four.multicastInterfaceV4(), six.multicastInterfaceV6()]).toEqual(['127.0.0.1', 0]);
  expect(four.socketOption('recvBufferSize')).toBe(65536);
  expect(four.socketOption('sendBufferSize')).toBe(65536);
  expect(code(() => six.setMulticastTtlV4(1))).toBe('EAFNOSUPPORT');
  expect(() => four.setTtl(0)).toThrow(RangeError);
});

test('what is sent to a group reaches its members, until they leave', () => {
  const member = own(UdpSocket.bind('0.0.0.0:0'));
  const sender = own(UdpSocket.bind('127.0.0.1:0'));
  const { port } = member.localAddr();
  sender.setMulticastInterfaceV4('127.0.0.1');
  member.joinMulticastV4('239.1.1.100', '127.0.0.1');
  expect(code(() => member.joinMulticastV4('239.1.1.100', '127.0.0.1'))).toBe('EADDRINUSE');
  expect(code(() => member.joinMulticastV4('127.0.0.1'))).toBe('EINVAL');
  const { poll, events } = watched(Interest.READABLE, member);
  sender.sendTo(filled(3), { address: '239.1.1.100', port });
  expect(poll.pollSync(events, 5000)).toBe(1);
  expect(member.recv(filled(9))).toBe(3);
  member.leaveMulticastV4('239.1.1.100', '127.0.0.1');
  sender.sendTo(filled(3), { address: '239.1.1.100', port });
  expect(poll.pollSync(events, 50)).toBe(0);
  expect(code(() => member.leaveMulticastV4('239.1.1.100', '127.0.0.1'))).toBe('EADDRNOTAVAIL');
});
