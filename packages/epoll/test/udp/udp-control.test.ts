import { DatagramBatch } from '@evloop/core';
import { noNativeObject, onlyIf } from '@evloop/testing';
import { expect, test } from 'vitest';
import { constants as c, supports, UdpSocket } from '../../src/index.ts';
import { code, filled, own, some } from '../support/fixture.ts';

const { SOL_SOCKET, IPPROTO_IPV6, SO_TIMESTAMPING } = c;
/** RX_SOFTWARE and SOFTWARE. */
const RECEIVE = new Uint8Array(Int32Array.of(8 | 16).buffer);
const ON = new Uint8Array(Int32Array.of(1).buffer);
/** Of ipv6(7). */
const IPV6_RECVHOPOPTS = 53;
const IPV6_HOPOPTS = 54;

test(
  'datagrams that were joined keep their borders, whatever else is told about them',
  onlyIf(supports.udpCoalescing, noNativeObject ?? 'this kernel has no UDP_GRO'),
  () => {
    const receiver = own(
      UdpSocket.bind('[::]:0', {
        socket: { packetInfo: true, recvTos: true, recvTtl: true },
      }),
    );
    receiver.setCoalescing(true);
    receiver.setOption(SOL_SOCKET, SO_TIMESTAMPING, RECEIVE);
    receiver.setOption(SOL_SOCKET, c.SO_RXQ_OVFL, ON);
    const sender = own(UdpSocket.bind('127.0.0.1:0'));
    const out = new DatagramBatch({ capacity: 1, slotSize: 9000 });
    out.push(filled(5000), `127.0.0.1:${receiver.localAddr().port}`, 1000);
    out.setControl(0, { tos: 3, ttl: 9 });
    expect(sender.sendBatch(out)).toBe(1);
    const batch = new DatagramBatch({ capacity: 8, slotSize: 65535 });
    expect(receiver.recvBatch(batch)).toBe(1);
    expect([batch.size(0), batch.segmentSize(0), batch.truncated(0)]).toEqual([5000, 1000, false]);
    const { destination, tos, ttl, controlTruncated } = batch.info(0);
    expect([destination, tos, ttl, controlTruncated]).toEqual(['127.0.0.1', 3, 9, false]);
  },
);

/** A hop-by-hop header of `size` bytes, of an option that hosts skip: RFC 8200 4.2. */
function skippedOptions(size: number): Uint8Array {
  const header = new Uint8Array(size);
  header[1] = size / 8 - 1;
  for (let at = 2; at < size; ) {
    const length = Math.min(255, size - at - 2);
    header.set([0x1e, length], at);
    at += 2 + length;
  }
  return header;
}

const mayRaw = process.getuid?.() === 0;
test(
  'control data that is cut is visible',
  onlyIf(mayRaw, noNativeObject ?? 'it needs root'),
  () => {
    const receiver = own(UdpSocket.bind('[::1]:0', { socket: { packetInfo: true } }));
    const sender = own(UdpSocket.bind('[::1]:0'));
    receiver.setOption(IPPROTO_IPV6, IPV6_RECVHOPOPTS, ON);
    sender.setOption(IPPROTO_IPV6, IPV6_HOPOPTS, skippedOptions(1200));
    for (const by of ['one', 'batch']) {
      sender.sendTo(filled(5), receiver.localAddr());
      if (by === 'one') {
        const { info } = some(receiver.recvFrom(filled(9)));
        expect([info?.controlTruncated, info?.destination]).toEqual([true, '::1']);
      } else {
        const batch = new DatagramBatch({ capacity: 2, slotSize: 100 });
        expect(receiver.recvBatch(batch)).toBe(1);
        expect([batch.info(0).controlTruncated, batch.truncated(0)]).toEqual([true, true]);
      }
    }
  },
);

test('an interface that is none is ENODEV, by name and by index', () => {
  const four = own(UdpSocket.bind('0.0.0.0:0'));
  const six = own(UdpSocket.bind('[::]:0'));
  expect(code(() => four.joinMulticastV4('239.7.7.7', 'nosuch0'))).toBe('ENODEV');
  expect(code(() => four.joinMulticastV4('239.7.7.7', 999_999))).toBe('ENODEV');
  expect(code(() => six.joinMulticastV6('ff12::1', '../lo'))).toBe('ENODEV');
  expect(code(() => six.joinMulticastV6('ff12::1', 'lo\0'))).toBe('ENODEV');
  four.joinMulticastV4('239.7.7.7', 'lo');
  expect(code(() => four.joinMulticastV4('239.7.7.7', 1))).toBe('EADDRINUSE');
});

test('a group that is joined by source receives from no other', () => {
  const member = own(UdpSocket.bind('0.0.0.0:0'));
  const [asked, other] = ['127.0.0.5', '127.0.0.6'].map((address) => {
    const socket = own(UdpSocket.bind(`${address}:0`));
    socket.setMulticastInterfaceV4('lo');
    return socket;
  });
  const to = `232.7.7.7:${member.localAddr().port}`;
  for (const on of ['lo', 1, '127.0.0.1']) {
    member.joinMulticastSource('232.7.7.7', '127.0.0.5', on);
    other?.sendTo(Uint8Array.of(6), to);
    asked?.sendTo(Uint8Array.of(5), to);
    const buffer = filled(9);
    expect(some(member.recvFrom(buffer)).address.address).toBe('127.0.0.5');
    expect(typeof member.recv(buffer)).toBe('symbol');
    member.leaveMulticastSource('232.7.7.7', '127.0.0.5', on);
  }
  const leave = () => member.leaveMulticastSource('232.7.7.7', '127.0.0.5', 'lo');
  expect(code(leave)).toMatch(/EADDRNOTAVAIL|EINVAL/);
});
