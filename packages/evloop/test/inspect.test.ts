import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import { unlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { inspect as inspectWith } from 'node:util';
import type { StreamSocket, WouldBlock as WouldBlockType } from '@evloop/core';
import * as epoll from '@evloop/epoll';
import * as net from '@evloop/net';
import { expect, test } from 'vitest';

const inspect = (value: unknown): string => inspectWith(value, { breakLength: Infinity });

test.each([net, epoll])(
  '$name: console.log of a source prints kind, state, addresses and token',
  async (backend) => {
    const { Interest, Poll, TcpListener, TcpStream, Token, UdpSocket, UnixListener } = backend;
    const poll = new Poll();
    const listener = await TcpListener.bind('127.0.0.1:0');
    const at = `127.0.0.1:${listener.localAddr().port}`;
    expect(inspect(listener)).toBe(`TcpListener { state: 'listening', local: '${at}' }`);
    poll.registry.register(listener, Token(7), Interest.READABLE);
    expect(inspect(listener)).toBe(`TcpListener { state: 'listening', local: '${at}', token: 7 }`);
    expect(inspect(poll.registry)).toBe("Registry { state: 'open', size: 1 }");
    const client = TcpStream.connect(listener.localAddr());
    const events = new backend.Events(4);
    while (client.finishConnect() !== true) {
      await poll.poll(events, 5);
      await new Promise(setImmediate);
    }
    const here = `127.0.0.1:${client.localAddr().port}`;
    expect(inspect(client)).toBe(
      `TcpStream { state: 'connected', local: '${here}', peer: '${at}' }`,
    );
    const socket = await UdpSocket.bind('[::1]:0');
    const local = `[::1]:${socket.localAddr().port}`;
    expect(inspect(socket)).toBe(`UdpSocket { state: 'not connected', local: '${local}' }`);
    const path = `${tmpdir()}/evloop-inspect-${process.pid}-${backend.name}`;
    const named = await UnixListener.bind(path, { unlinkOnClose: true });
    expect(inspect(named)).toBe(`UnixListener { state: 'listening', local: '${path}' }`);
    for (const source of [listener, client, socket, named]) {
      source.close();
      expect(inspect(source)).toBe(`${source.constructor.name} { state: 'closed' }`);
    }
    poll.close();
  },
);

test.each([net, epoll])(
  '$name: a poll, its waker and its events print what they are',
  async (backend) => {
    const { DatagramBatch, Events, Poll, RemoteWaker, Token, Waker } = backend;
    const poll = new Poll();
    const waker = new Waker(poll.registry, Token(3));
    const remote = new RemoteWaker(waker.handle());
    const events = new Events(4);
    expect(inspect(poll)).toBe("Poll { state: 'open', size: 1 }");
    expect(inspect(waker)).toBe("Waker { state: 'open', token: 3 }");
    expect(inspect(remote)).toBe("RemoteWaker { state: 'open' }");
    expect(inspect(events)).toBe('Events { capacity: 4, tokens: [] }');
    const pending = poll.poll(events);
    expect(inspect(poll)).toBe("Poll { state: 'waiting', size: 1 }");
    waker.wake();
    await pending;
    expect(inspect(events)).toBe('Events { capacity: 4, tokens: [ 3 ] }');
    waker.close();
    expect(inspect(events)).toBe('Events { capacity: 4, tokens: [] }');
    expect(inspect(waker)).toBe("Waker { state: 'closed' }");
    expect(inspect(remote)).toBe("RemoteWaker { state: 'closed' }");
    remote.close();
    const orphan = new Waker(poll.registry, Token(4));
    poll.close();
    expect(inspect(poll)).toBe("Poll { state: 'closed', size: 0 }");
    expect(inspect(orphan)).toBe("Waker { state: 'closed' }");
    const batch = new DatagramBatch({ capacity: 8, slotSize: 100 });
    batch.push(new Uint8Array(9), '127.0.0.1:9');
    expect(inspect(batch)).toBe(
      "DatagramBatch { state: 'outgoing', capacity: 8, slotSize: 100, length: 1, sent: 0 }",
    );
  },
);

test('epoll: a batch of what was received does not print its memory', () => {
  using socket = epoll.UdpSocket.bind('127.0.0.1:0');
  socket.sendTo(new Uint8Array(5), socket.localAddr());
  const batch = new epoll.DatagramBatch({ capacity: 8, slotSize: 100 });
  expect(socket.recvBatch(batch)).toBe(1);
  expect(inspect(batch)).toBe(
    "DatagramBatch { state: 'received', capacity: 8, slotSize: 100, length: 1 }",
  );
});

test.each([net, epoll])(
  '$name: Unix streams print their names, where they have some',
  async (backend) => {
    const { UnixListener, UnixStream, WouldBlock } = backend;
    const path = `${tmpdir()}/evloop-inspect-${process.pid}-${backend.name}-pair`;
    const listener = await UnixListener.bind(path, { unlinkOnClose: true });
    const client = UnixStream.connect(path);
    let server: StreamSocket<string> | WouldBlockType = WouldBlock;
    while (server === WouldBlock) {
      await new Promise(setImmediate);
      server = listener.accept();
    }
    while (client.finishConnect() !== true) await new Promise(setImmediate);
    expect(inspect(client)).toBe(`UnixStream { state: 'connected', peer: '${path}' }`);
    expect(inspect(server)).toBe(`UnixStream { state: 'connected', local: '${path}' }`);
    for (const source of [client, server, listener]) {
      source.close();
      expect(inspect(source)).toBe(`${source.constructor.name} { state: 'closed' }`);
    }
  },
);

test('epoll: pipes, Unix datagrams and descriptors of others print kind, state and token', () => {
  const poll = new epoll.Poll();
  const path = `${tmpdir()}/evloop-inspect-${process.pid}-datagram`;
  const named = epoll.UnixDatagram.bind(path);
  const [near, far] = epoll.UnixDatagram.pair();
  const [sender, receiver] = epoll.pipe();
  const fd = new epoll.SourceFd(receiver.fd);
  const { Interest, Token } = epoll;
  poll.registry.register(fd, Token(5), Interest.READABLE);
  poll.registry.register(sender, Token(6), Interest.WRITABLE);
  expect(inspect(named)).toBe(`UnixDatagram { state: 'not connected', local: '${path}' }`);
  expect(inspect(near)).toBe("UnixDatagram { state: 'connected' }");
  expect(inspect(fd)).toBe("SourceFd { state: 'open', token: 5 }");
  expect(inspect(sender)).toBe("PipeSender { state: 'open', token: 6 }");
  expect(inspect(receiver)).toBe("PipeReceiver { state: 'open' }");
  unlinkSync(path);
  for (const source of [fd, named, near, far, sender, receiver]) {
    source.close();
    expect(inspect(source)).toBe(`${source.constructor.name} { state: 'closed' }`);
  }
  poll.close();
});

test.each([net, epoll])('$name: printing reports no error to evloop:error', async (backend) => {
  const errors: unknown[] = [];
  const onError = (message: unknown) => errors.push(message);
  subscribe('evloop:error', onError);
  try {
    const socket = await backend.UdpSocket.bind('127.0.0.1:0');
    const listener = await backend.TcpListener.bind('127.0.0.1:0');
    const client = backend.TcpStream.connect(listener.localAddr());
    inspect([socket, client, listener]);
    expect(errors).toEqual([]);
    // The same questions of the program are reported.
    expect(() => socket.peerAddr()).toThrow(expect.objectContaining({ code: 'ENOTCONN' }));
    expect(errors).toHaveLength(1);
    for (const source of [socket, client, listener]) source.close();
    expect(inspect([socket, client, listener])).not.toContain('127.0.0.1');
    expect(errors).toHaveLength(1);
  } finally {
    unsubscribe('evloop:error', onError);
  }
});
