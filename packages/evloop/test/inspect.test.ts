import { tmpdir } from 'node:os';
import { inspect as inspectWith } from 'node:util';
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
