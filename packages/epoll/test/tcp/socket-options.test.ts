import { readFileSync } from 'node:fs';
import { Interest, WouldBlock } from '@evloop/core';
import { noNativeObject, onlyIf } from '@evloop/testing';
import { expect, test } from 'vitest';
import {
  constants,
  pipe,
  type SocketOptionName,
  type SocketOptions,
  TcpListener,
  TcpStream,
  UdpSocket,
  UnixStream,
} from '../../src/index.ts';
import { bytes, code, own, some, tcpPair, watched } from '../support/fixture.ts';

const privileged =
  code(() => own(UdpSocket.bind('127.0.0.1:0', { socket: { mark: 1 } }))) === undefined;

/** What is set, and what the kernel then has. */
const tcp: readonly [SocketOptionName, unknown, unknown?][] = [
  ['keepAlive', true],
  ['keepIdle', 30_000],
  ['keepIdle', 1500, 2000],
  ['keepInterval', 5000],
  ['keepCount', 4],
  ['userTimeout', 12_345],
  ['linger', 3000],
  ['linger', 0],
  ['linger', null],
  ['nodelay', true],
  ['cork', true],
  ['notSentLowat', 16_384],
  ['quickAck', false],
  ['fastOpenConnect', true],
  ['recvBufferSize', 65_536, 131_072],
  ['sendBufferSize', 65_536, 131_072],
  ['tos', 0x10],
  ['priority', 3],
  ['freeBind', true],
  ['bindAddressNoPort', true],
  ['reuseAddr', true],
  ['reusePort', true],
];

test('every option of TCP can be set and read back, before and after connecting', () => {
  const listener = own(TcpListener.bind('127.0.0.1:0'));
  const set = Object.fromEntries(tcp.filter(([name]) => name !== 'fastOpenConnect'));
  const stream = own(TcpStream.connect(listener.localAddr(), { socket: set as SocketOptions }));
  const last = new Map(tcp.map(([name, value, kept = value]) => [name, kept]));
  last.delete('fastOpenConnect');
  // Once connected the kernel acknowledges as it sees fit.
  last.delete('quickAck');
  for (const [name, kept] of last) expect([name, stream.socketOption(name)]).toEqual([name, kept]);
  const { server } = tcpPair(listener);
  for (const [name, value, kept = value] of tcp) {
    if (name === 'fastOpenConnect') continue;
    server.setSocketOption(name, value as never);
    expect([name, server.socketOption(name)]).toEqual([name, kept]);
  }
});

test('options of listeners are inherited; those that are for listeners work', () => {
  const socket = { keepAlive: true, keepIdle: 7000, deferAccept: 3000, fastOpen: 5, nodelay: true };
  const listener = own(TcpListener.bind('127.0.0.1:0', { socket }));
  expect(listener.socketOption('fastOpen')).toBe(5);
  // The kernel sets a connection's to where its segments arrive.
  listener.setSocketOption('incomingCpu', 1);
  expect(listener.socketOption('incomingCpu')).toBe(1);
  expect(listener.socketOption('deferAccept')).toBeGreaterThanOrEqual(3000);
  const { poll, events } = watched(Interest.READABLE, listener);
  const client = own(
    TcpStream.connect(listener.localAddr(), { socket: { fastOpenConnect: true } }),
  );
  expect(client.socketOption('fastOpenConnect')).toBe(true);
  // Deferred: reported only when there is data.
  expect(poll.pollSync(events, 50)).toBe(0);
  while (client.write(bytes('x')) === WouldBlock);
  expect(poll.pollSync(events, 5000)).toBe(1);
  const server = own(some(listener.accept()));
  expect([
    server.socketOption('keepAlive'),
    server.socketOption('keepIdle'),
    server.nodelay(),
  ]).toEqual([true, 7000, true]);
});

test('options of IPv6 and of datagrams', () => {
  const six = own(
    UdpSocket.bind('[::1]:0', { socket: { trafficClass: 0x20, ipv6Only: true, priority: 2 } }),
  );
  expect(six.socketOption('trafficClass')).toBe(0x20);
  expect(six.socketOption('ipv6Only')).toBe(true);
  expect(code(() => six.setSocketOption('ipv6Only', false))).toBe('EINVAL');
  expect(code(() => six.setSocketOption('nodelay', true))).toBe('EVLOOP_UNSUPPORTED');
  const [near] = UnixStream.pair().map(own) as [UnixStream, UnixStream];
  near.setSocketOption('sendBufferSize', 50_000);
  expect(near.socketOption('sendBufferSize')).toBe(100_000);
  expect(code(() => near.setSocketOption('tos', 1))).toBe('EVLOOP_UNSUPPORTED');
  const loopback = own(UdpSocket.bind('127.0.0.1:0'));
  expect(loopback.socketOption('bindToDevice')).toBe('');
  expect(loopback.socketOption('busyPoll')).toBe(
    Number(readFileSync('/proc/sys/net/core/busy_read', 'utf8')) / 1000,
  );
});

test('options that need privileges', onlyIf(privileged, noNativeObject ?? 'it needs root'), () => {
  const socket: SocketOptions = { mark: 42, transparent: true, bindToDevice: 'lo', busyPoll: 0.05 };
  const udp = own(UdpSocket.bind('127.0.0.1:0', { socket }));
  for (const [name, value] of Object.entries(socket)) {
    expect([name, udp.socketOption(name as SocketOptionName)]).toEqual([name, value]);
  }
});

test('raw options by number and bytes', () => {
  const { client } = tcpPair();
  const { SOL_SOCKET, SO_TYPE, SOCK_STREAM, IPPROTO_TCP, TCP_INFO, SO_PRIORITY } = constants;
  expect([...client.getOption(SOL_SOCKET, SO_TYPE)]).toEqual([SOCK_STREAM, 0, 0, 0]);
  expect(client.getOption(IPPROTO_TCP, TCP_INFO, 300).length).toBeGreaterThan(100);
  client.setOption(SOL_SOCKET, SO_PRIORITY, Uint8Array.of(5, 0, 0, 0));
  expect(client.socketOption('priority')).toBe(5);
  expect(code(() => client.getOption(IPPROTO_TCP, 9999))).toBe('ENOPROTOOPT');
  expect(() => client.getOption(9999, 1)).toThrow(RangeError);
  client.close();
  expect(code(() => client.socketOption('nodelay'))).toBe('EVLOOP_CLOSED');
  expect('socketOption' in own(pipe()[0])).toBe(false);
});

test('invalid names and values throw, and leave no descriptor open', () => {
  const wrong: [string, unknown][] = [
    ['nodelay', 1],
    ['keepCount', 0],
    ['keepCount', 128],
    ['keepIdle', -1],
    ['keepIdle', Number.NaN],
    ['keepIdle', '1'],
    ['tos', 256],
    ['linger', undefined],
    ['bindToDevice', 'a-name-of-an-interface'],
    ['bindToDevice', 'a\0b'],
    ['toString', 1],
    ['nothing', 1],
  ];
  const { client } = tcpPair();
  for (const [name, value] of wrong) {
    expect(() => client.setSocketOption(name as 'tos', value as number), name).toThrow(
      /^(invalid [\w ]+: .* \(.*\)|.* is .*)$/,
    );
    if (value === undefined) continue;
    expect(() => TcpListener.bind('127.0.0.1:0', { socket: { [name]: value } }), name).toThrow();
  }
});

test('listeners and datagram sockets share a port, and each gets its part', () => {
  const first = own(TcpListener.bind('127.0.0.1:0', { socket: { reusePort: true } }));
  const address = first.localAddr();
  const second = own(TcpListener.bind(address, { socket: { reusePort: true } }));
  expect(code(() => TcpListener.bind(address))).toBe('EADDRINUSE');
  const clients = Array.from({ length: 64 }, () => own(TcpStream.connect(address)));
  const shares = [first, second].map((listener) => {
    let share = 0;
    for (let s = listener.accept(); s !== WouldBlock; s = listener.accept(), share++) own(s);
    return share;
  });
  expect(shares[0] as number).toBeGreaterThan(0);
  expect(shares[1] as number).toBeGreaterThan(0);
  expect((shares[0] as number) + (shares[1] as number)).toBe(clients.length);
});
