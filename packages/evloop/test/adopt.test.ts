import { Events, Interest, Token, WouldBlock } from '@evloop/core';
import * as net from '@evloop/net';
import { needsNative } from '@evloop/testing';
import { expect, test } from 'vitest';

test(`net takes over a connected TCP stream that epoll gives up`, needsNative, async () => {
  const epoll = await import('@evloop/epoll');
  const listener = epoll.TcpListener.bind('127.0.0.1:0');
  const client = epoll.TcpStream.connect(listener.localAddr());
  const server = listener.accept();
  if (server === WouldBlock) throw new Error('nobody came');
  const [local, peer] = [client.localAddr(), client.peerAddr()];
  const adopted = net.TcpStream.fromFd(client.intoFd());
  expect([adopted.finishConnect(), adopted.localAddr(), adopted.peerAddr()]).toEqual([
    true,
    local,
    peer,
  ]);
  adopted.setSocketOption('nodelay', true);
  expect(adopted.write(new TextEncoder().encode('hello'))).toBe(5);
  server.write(new TextEncoder().encode('world'));

  const poll = new epoll.Poll();
  const events = new Events(4);
  poll.registry.register(server, Token(0), Interest.READABLE);
  poll.registry.register(adopted, Token(1), Interest.READABLE);
  for (const stream of [server, adopted]) {
    const buffer = new Uint8Array(16);
    let size: number | WouldBlock = WouldBlock;
    for (;;) {
      size = stream.read(buffer);
      if (size !== WouldBlock) break;
      await poll.poll(events);
    }
    expect(new TextDecoder().decode(buffer.subarray(0, size))).toBe(
      stream === server ? 'hello' : 'world',
    );
  }
  for (const each of [adopted, server, listener, poll]) each.close();
});

test(`what is no connected TCP stream net does not take over`, needsNative, async () => {
  const epoll = await import('@evloop/epoll');
  const udp = epoll.UdpSocket.bind('127.0.0.1:0');
  const [near, far] = epoll.UnixStream.pair();
  for (const source of [udp, near, far]) {
    expect(() => net.TcpStream.fromFd(source.fd)).toThrow(TypeError);
    source.close();
  }
  // Node does not give a listener back.
  const fd = epoll.TcpListener.bind('127.0.0.1:0').intoFd();
  expect(() => net.TcpStream.fromFd(fd)).toThrow(TypeError);
  expect(() => net.TcpStream.fromFd(-1)).toThrow(RangeError);
  expect(() => net.TcpStream.fromFd(999_999)).toThrow(expect.objectContaining({ code: 'EBADF' }));
});
