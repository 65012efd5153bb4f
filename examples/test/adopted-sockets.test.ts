import { Events, Interest, isEvloopError, Token, WouldBlock } from '@evloop/core';
import { socketKind } from '@evloop/listenfd';
import { Poll } from '@evloop/net';
import { onlyIf } from '@evloop/testing';
import { UdpSocket } from '@evloop/udp';
import { describe, expect, it } from 'vitest';
import './program.ts';

describe('sockets of epoll', onlyIf(process.platform === 'linux', 'epoll is Linux only'), () => {
  it('are of the kind that socketKind says', async () => {
    const epoll = await import('@evloop/epoll');
    const listener = epoll.TcpListener.bind('[::1]:0');
    const [near, far] = epoll.UnixStream.pair();
    const sockets = [
      [listener, 'IPv6', 'stream', true],
      [epoll.TcpStream.connect(listener.localAddr()), 'IPv6', 'stream', false],
      [epoll.UdpSocket.bind('127.0.0.1:0'), 'IPv4', 'datagram', false],
      [epoll.UdpSocket.bind('[::1]:0'), 'IPv6', 'datagram', false],
      [epoll.UnixListener.bind(`\0evloop-kind-${process.pid}`), 'Unix', 'stream', true],
      [epoll.UnixDatagram.unbound(), 'Unix', 'datagram', false],
      [near, 'Unix', 'stream', false],
      [far, 'Unix', 'stream', false],
    ] as const;
    for (const [socket, family, type, listening] of sockets) {
      expect(socketKind(socket.fd)).toEqual({ family, type, listening });
    }
    // Not before: without its listener the connection is reset, and in no table any more.
    for (const [socket] of sockets) socket.close();
  });

  it.each(['127.0.0.1:0', '[::1]:0'])('on %s can be taken over by node:dgram', async (address) => {
    const epoll = await import('@evloop/epoll');
    const adopted = await UdpSocket.fromFd(epoll.UdpSocket.bind(address).intoFd());
    const client = epoll.UdpSocket.bind(address);
    const [poll, clientPoll, events] = [new Poll(), new epoll.Poll(), new Events(1)];
    poll.registry.register(adopted, Token(0), Interest.READABLE);
    clientPoll.registry.register(client, Token(0), Interest.READABLE);
    const buffer = new Uint8Array(10);
    client.sendTo(Uint8Array.of(1, 2, 3), adopted.localAddr());
    await poll.poll(events);
    const received = adopted.recvFrom(buffer);
    expect(received).toMatchObject({ size: 3, address: client.localAddr() });
    if (received !== WouldBlock) adopted.sendTo(buffer, received.address, 0, received.size);
    await clientPoll.poll(events);
    expect(client.recvFrom(buffer)).toMatchObject({ size: 3, address: adopted.localAddr() });
    for (const one of [adopted, client, poll, clientPoll]) one.close();
  });

  it('are left alone by node:dgram when they are of another kind', async () => {
    const epoll = await import('@evloop/epoll');
    const connected = epoll.UdpSocket.bind('127.0.0.1:0');
    connected.connect('127.0.0.1:9');
    const error: unknown = await UdpSocket.fromFd(connected.fd).catch((reason: unknown) => reason);
    expect(isEvloopError(error, 'EVLOOP_UNSUPPORTED')).toBe(true);
    const others = [epoll.TcpListener.bind('127.0.0.1:0'), epoll.UnixDatagram.unbound()];
    for (const other of others) await expect(UdpSocket.fromFd(other.fd)).rejects.toThrow(TypeError);
    for (const socket of [connected, ...others]) {
      socket.localAddr();
      socket.close();
    }
    await expect(UdpSocket.fromFd(99_999)).rejects.toThrow('EBADF');
    await expect(UdpSocket.fromFd(1.5)).rejects.toThrow(RangeError);
  });
});
