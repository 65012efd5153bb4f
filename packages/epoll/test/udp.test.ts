import { createHash } from 'node:crypto';
import dgram from 'node:dgram';
import { once } from 'node:events';
import {
  type BlockingPoll,
  DatagramBatch,
  Events,
  Interest,
  Token,
  WouldBlock,
} from '@evloop/core';
import { afterEach, describe, expect, test } from 'vitest';
import { Poll, supports, UdpSocket } from '../src/index.ts';

const cleanups: (() => void)[] = [];
afterEach(() => {
  for (const cleanup of cleanups.splice(0).reverse()) cleanup();
});

function own<T extends Disposable>(source: T): T {
  cleanups.push(() => source[Symbol.dispose]());
  return source;
}

function watched(...sockets: UdpSocket[]): { poll: BlockingPoll; events: Events } {
  const poll = own(new Poll());
  for (const [i, socket] of sockets.entries()) {
    poll.registry.register(socket, Token(i), Interest.READABLE);
  }
  return { poll, events: new Events(16) };
}

const bytes = (size: number, value = 7) => new Uint8Array(size).fill(value);
const code = (run: () => unknown): unknown => {
  try {
    run();
  } catch (error) {
    return (error as { code?: unknown }).code;
  }
  return undefined;
};

for (const host of ['127.0.0.1', '[::1]']) {
  describe(host, () => {
    test('datagrams of every size are echoed exactly, the empty one too', async () => {
      const server = own(UdpSocket.bind(`${host}:0`));
      const { poll, events } = watched(server);
      const client = dgram.createSocket(host === '[::1]' ? 'udp6' : 'udp4');
      cleanups.push(() => client.close());
      const { address, port } = server.localAddr();
      const buffer = bytes(65536);
      for (const size of [0, 1, 1200, 65507]) {
        const sent = bytes(size, size & 0xff);
        client.send(sent, port, address);
        const reply = once(client, 'message');
        await poll.poll(events, 5000);
        const received = server.recvFrom(buffer);
        if (received === WouldBlock) throw new Error('nothing came');
        expect(received).toMatchObject({ size, truncated: false });
        expect(server.sendTo(buffer, received.address, 0, size)).toBe(size);
        expect(Buffer.compare((await reply)[0], sent)).toBe(0);
        expect(server.recv(buffer)).toBe(WouldBlock);
      }
    });

    test('what is too long fails with EMSGSIZE, and the socket goes on', () => {
      const one = own(UdpSocket.bind(`${host}:0`));
      const two = own(UdpSocket.bind(`${host}:0`));
      expect(code(() => one.sendTo(bytes(65536), two.localAddr()))).toBe('EMSGSIZE');
      expect(one.sendTo(bytes(3), two.localAddr())).toBe(3);
      const { poll, events } = watched(two);
      expect(poll.pollSync(events, 5000)).toBe(1);
      expect(two.recv(bytes(2))).toBe(2);
      expect(two.truncated).toBe(true);
      expect(two.recv(bytes(2))).toBe(WouldBlock);
    });

    test('a connected socket learns of a dead port, once, and goes on; disconnecting keeps its port', () => {
      const dead = UdpSocket.bind(`${host}:0`);
      const nobody = dead.localAddr();
      dead.close();
      const socket = own(UdpSocket.bind(`${host}:0`));
      const { port } = socket.localAddr();
      const { poll, events } = watched(socket);
      socket.connect(nobody);
      expect(socket.peerAddr()).toEqual(nobody);
      expect(socket.send(bytes(1))).toBe(1);
      expect(poll.pollSync(events, 5000)).toBe(1);
      expect(events.at(0)).toMatchObject({ error: true, writeClosed: true, readable: false });
      expect(code(() => socket.recv(bytes(1)))).toBe('ECONNREFUSED');
      expect(socket.takeError()).toBeUndefined();
      expect(code(() => socket.sendTo(bytes(1), nobody))).toBe('EISCONN');
      const other = own(UdpSocket.bind(`${host}:0`));
      socket.connect(other.localAddr());
      expect(socket.send(bytes(1))).toBe(1);
      socket.disconnect();
      expect(socket.localAddr().port).toBe(port);
      expect(code(() => socket.send(bytes(1)))).toBe('EDESTADDRREQ');
      expect(code(() => socket.peerAddr())).toBe('ENOTCONN');
      other.sendTo(bytes(4), { ...other.localAddr(), port });
      expect(poll.pollSync(events, 5000)).toBe(1);
      expect(socket.recv(bytes(10))).toBe(4);
    });

    test('a batch that was received is echoed by two system calls', () => {
      const server = own(UdpSocket.bind(`${host}:0`));
      const clients = [0, 1, 2].map(() => own(UdpSocket.bind(`${host}:0`)));
      for (const [i, client] of clients.entries()) {
        client.sendTo(bytes(10 + i, i), server.localAddr());
      }
      const { poll, events } = watched(server);
      expect(poll.pollSync(events, 5000)).toBe(1);
      const batch = new DatagramBatch({ capacity: 8, slotSize: 11 });
      expect(server.recvBatch(batch)).toBe(3);
      expect([0, 1, 2].map((i) => batch.truncated(i))).toEqual([false, false, true]);
      expect([0, 1, 2].map((i) => batch.address(i))).toEqual(clients.map((c) => c.localAddr()));
      batch.reply();
      expect(server.sendBatch(batch)).toBe(3);
      expect(server.sendBatch(batch)).toBe(0);
      const buffer = bytes(20);
      for (const [i, client] of clients.entries()) {
        expect(client.recv(buffer)).toBe(i < 2 ? 10 + i : 11);
        expect(buffer[0]).toBe(i);
      }
      expect(server.recvBatch(batch)).toBe(WouldBlock);
      expect(batch.length).toBe(0);
    });
  });
}

test('a message of a batch that cannot be sent is given up, and the others are sent', () => {
  const socket = own(UdpSocket.bind('127.0.0.1:0'));
  const target = own(UdpSocket.bind('127.0.0.1:0'));
  const batch = new DatagramBatch({ capacity: 4, slotSize: 100 });
  batch.push(bytes(1), target.localAddr());
  batch.push(bytes(2), '[::1]:9');
  batch.push(bytes(3));
  batch.push(bytes(4), target.localAddr());
  expect(socket.sendBatch(batch)).toBe(1);
  expect(code(() => socket.sendBatch(batch))).toBe('EAFNOSUPPORT');
  expect(code(() => socket.sendBatch(batch))).toBe('EDESTADDRREQ');
  expect(socket.sendBatch(batch)).toBe(1);
  expect(batch.sent).toBe(4);
  expect([target.recv(bytes(9)), target.recv(bytes(9))]).toEqual([1, 4]);
});

test.runIf(supports.udpSegmentation)(
  'segmented messages arrive as datagrams, cut by the kernel or here',
  () => {
    const socket = own(UdpSocket.bind('127.0.0.1:0'));
    const target = own(UdpSocket.bind('127.0.0.1:0', { recvBufferSize: 1 << 20 }));
    const batch = new DatagramBatch({ capacity: 4, slotSize: 65535 });
    batch.push(bytes(3500), target.localAddr(), 1000);
    // More than one datagram may hold at all: the kernel refuses it.
    batch.push(bytes(70_000), target.localAddr(), 1200);
    while (batch.sent < batch.length) socket.sendBatch(batch);
    expect(socket.counters().segmentedHere).toBe(1);
    const sizes: number[] = [];
    const buffer = bytes(2000);
    for (let size = target.recv(buffer); size !== WouldBlock; size = target.recv(buffer)) {
      sizes.push(size);
    }
    expect(sizes).toEqual([1000, 1000, 1000, 500, ...Array(58).fill(1200), 400]);
  },
);

test.runIf(supports.udpCoalescing)(
  'with coalescing one message holds many datagrams, and says where they end',
  () => {
    const socket = own(UdpSocket.bind('127.0.0.1:0'));
    const target = own(UdpSocket.bind('127.0.0.1:0'));
    target.setCoalescing(true);
    expect(target.coalescing()).toBe(true);
    expect(code(() => target.recv(bytes(9)))).toBe('EVLOOP_UNSUPPORTED');
    const batch = new DatagramBatch({ capacity: 4, slotSize: 65535 });
    batch.push(bytes(5500), target.localAddr(), 1000);
    expect(socket.sendBatch(batch)).toBe(1);
    expect(target.recvBatch(batch)).toBe(1);
    expect(batch.size(0)).toBe(5500);
    expect(batch.segmentSize(0)).toBe(1000);
  },
);

test('a flood is bounded by the kernel, and what is received and dropped is what was sent', () => {
  const socket = own(UdpSocket.bind('127.0.0.1:0'));
  const target = own(UdpSocket.bind('127.0.0.1:0', { recvBufferSize: 8192 }));
  const to = target.localAddr();
  const datagram = bytes(500);
  const buffer = bytes(500);
  const memory = (): number => process.memoryUsage().rss;
  let received = 0;
  let sent = 0;
  const flood = (): void => {
    // Every twentieth is read: far too few.
    for (let i = 0; i < 50_000; i++) {
      socket.sendTo(datagram, to);
      sent++;
      if (i % 20 === 0 && target.recv(buffer) !== WouldBlock) received++;
    }
  };
  flood();
  const before = memory();
  flood();
  expect(memory() - before).toBeLessThan(25_000_000 / 2);
  while (target.recv(buffer) !== WouldBlock) received++;
  const { kernelDrops, queueDrops } = target.counters();
  expect(kernelDrops).toBeGreaterThan(0);
  expect(received + queueDrops + Number(kernelDrops)).toBe(sent);
});

test('200,000 datagrams by batches arrive all, once each, from whom they came', () => {
  const COUNT = 200_000;
  const target = own(UdpSocket.bind('127.0.0.1:0', { recvBufferSize: 1 << 20 }));
  const senders = [0, 1, 2, 3].map(() => own(UdpSocket.bind('127.0.0.1:0')));
  const { poll, events } = watched(target);
  const outgoing = new DatagramBatch({ capacity: 64, slotSize: 64 });
  const incoming = new DatagramBatch({ capacity: 64, slotSize: 64 });
  const message = bytes(64);
  const words = new DataView(message.buffer);
  const seen = new Uint8Array(COUNT);
  const ports = senders.map((sender) => sender.localAddr().port);
  const to = target.localAddr();
  let received = 0;
  for (let next = 0; next < COUNT; ) {
    const which = (next >> 6) & 3;
    outgoing.clear();
    for (let i = 0; i < 64 && next < COUNT; i++, next++) {
      words.setUint32(0, next);
      outgoing.push(message, to);
    }
    while (outgoing.sent < outgoing.length) senders[which]?.sendBatch(outgoing);
    expect(poll.pollSync(events, 5000)).toBe(1);
    for (let n = target.recvBatch(incoming); n !== WouldBlock; n = target.recvBatch(incoming)) {
      for (let i = 0; i < n; i++) {
        const at = incoming.offset(i);
        const { data } = incoming;
        const id =
          ((data[at] ?? 0) << 24) |
          ((data[at + 1] ?? 0) << 16) |
          ((data[at + 2] ?? 0) << 8) |
          (data[at + 3] ?? 0);
        seen[id] = (seen[id] as number) + 1;
        if (i === 0 && incoming.address(i).port !== ports[which]) throw new Error('wrong sender');
        if (i > 0 && !incoming.sameAddress(i, incoming, 0)) throw new Error('wrong sender');
      }
      received += n;
    }
  }
  expect(received).toBe(COUNT);
  expect(seen.every((times) => times === 1)).toBe(true);
  expect(target.counters().kernelDrops).toBe(0);
});

test('every option is read back as it was set', () => {
  const four = own(UdpSocket.bind('127.0.0.1:0', { reuseAddr: true, reusePort: true }));
  const six = own(UdpSocket.bind('[::1]:0', { ipv6Only: true }));
  expect([four.reuseAddr(), four.reusePort(), six.reuseAddr(), six.ipv6Only()]).toEqual([
    true,
    true,
    false,
    true,
  ]);
  four.setBroadcast(true);
  four.setTtl(9);
  six.setTtl(10);
  four.setMulticastTtlV4(3);
  four.setMulticastLoopV4(false);
  six.setMulticastHopsV6(4);
  six.setMulticastLoopV6(false);
  four.setMulticastInterfaceV4('127.0.0.1');
  four.setRecvBufferSize(32768);
  four.setSendBufferSize(32768);
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
  expect([four.recvBufferSize(), four.sendBufferSize()]).toEqual([65536, 65536]);
  expect(code(() => four.ipv6Only())).toBe('EAFNOSUPPORT');
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
  const { poll, events } = watched(member);
  sender.sendTo(bytes(3), { address: '239.1.1.100', port });
  expect(poll.pollSync(events, 5000)).toBe(1);
  expect(member.recv(bytes(9))).toBe(3);
  member.leaveMulticastV4('239.1.1.100', '127.0.0.1');
  sender.sendTo(bytes(3), { address: '239.1.1.100', port });
  expect(poll.pollSync(events, 50)).toBe(0);
  expect(code(() => member.leaveMulticastV4('239.1.1.100', '127.0.0.1'))).toBe('EADDRNOTAVAIL');
});

test('random datagrams by random ways arrive with the bytes that were sent', () => {
  const one = own(UdpSocket.bind('127.0.0.1:0'));
  const two = own(UdpSocket.bind('127.0.0.1:0'));
  one.connect(two.localAddr());
  two.connect(one.localAddr());
  const hash = (data: Uint8Array) => createHash('sha256').update(data).digest('hex');
  const buffer = bytes(65536);
  for (let i = 0; i < 200; i++) {
    const data = bytes((i * 7919) % 60_000, i & 0xff);
    expect(one.send(data)).toBe(data.length);
    expect(two.peek(buffer)).toBe(data.length);
    const size = two.recv(buffer);
    if (size === WouldBlock) throw new Error('nothing came');
    expect(hash(buffer.subarray(0, size))).toBe(hash(data));
  }
});

test('bad input is refused, and the socket still works', () => {
  const socket = own(UdpSocket.bind('127.0.0.1:0'));
  const to = socket.localAddr();
  const detached = bytes(8);
  structuredClone(detached.buffer, { transfer: [detached.buffer] });
  expect(() => UdpSocket.bind('localhost:0')).toThrow(TypeError);
  expect(() => socket.sendTo(bytes(1), 'localhost:9')).toThrow(TypeError);
  expect(() => socket.sendTo(bytes(1), '127.0.0.1:65536')).toThrow(RangeError);
  expect(() => socket.sendTo(detached, to)).toThrow(TypeError);
  expect(() => socket.recv(detached)).toThrow(TypeError);
  expect(() => socket.sendTo(bytes(8), to, 4, 5)).toThrow(RangeError);
  expect(() => socket.sendTo('text' as never, to)).toThrow(TypeError);
  expect(() => socket.recvBatch({} as never)).toThrow(TypeError);
  expect(() => new DatagramBatch({ capacity: 1025, slotSize: 1 })).toThrow(RangeError);
  expect(code(() => socket.sendTo(bytes(1), '127.0.0.1:0'))).toBe('EINVAL');
  expect(code(() => socket.sendTo(bytes(1), '[::1]:9'))).toBe('EAFNOSUPPORT');
  expect(socket.sendTo(bytes(1), to)).toBe(1);
  expect(socket.recv(bytes(1))).toBe(1);
  socket.close();
  expect(code(() => socket.sendTo(bytes(1), to))).toBe('EVLOOP_CLOSED');
});
