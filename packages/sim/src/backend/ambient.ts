import type {
  TcpListenerConstructor,
  TcpStreamConstructor,
  TcpListener as TheTcpListener,
  TcpStream as TheTcpStream,
  UdpSocket as TheUdpSocket,
  UnixListener as TheUnixListener,
  UnixStream as TheUnixStream,
  UdpSocketConstructor,
  UnixListenerConstructor,
  UnixStreamConstructor,
} from '@evloop/core';
import { currentProcess } from '../host/current.ts';
import { SimPoll } from './sim-poll.ts';

/**
 * The poll of the host that the code runs in. @throws Error: it runs outside of simulated hosts.
 */
export class Poll extends SimPoll {
  constructor() {
    super(currentProcess());
  }
}

/** Those of the host that the code runs in. @throws Error: it runs outside of simulated hosts. */
export const TcpListener: TcpListenerConstructor = {
  bind: (address, options) => currentProcess().backend.TcpListener.bind(address, options),
  fromFd: (fd) => currentProcess().backend.TcpListener.fromFd(fd),
};
export type TcpListener = TheTcpListener;

/** As `TcpListener`. */
export const TcpStream: TcpStreamConstructor = {
  connect: (address, options) => currentProcess().backend.TcpStream.connect(address, options),
  fromFd: (fd) => currentProcess().backend.TcpStream.fromFd(fd),
};
export type TcpStream = TheTcpStream;

/** As `TcpListener`. */
export const UdpSocket: UdpSocketConstructor = {
  bind: (address, options) => currentProcess().backend.UdpSocket.bind(address, options),
  fromFd: (fd) => currentProcess().backend.UdpSocket.fromFd(fd),
};
export type UdpSocket = TheUdpSocket;

/** As `TcpListener`. */
export const UnixListener: UnixListenerConstructor = {
  bind: (path, options) => currentProcess().backend.UnixListener.bind(path, options),
  fromFd: (fd) => currentProcess().backend.UnixListener.fromFd(fd),
};
export type UnixListener = TheUnixListener;

/** As `TcpListener`. */
export const UnixStream: UnixStreamConstructor = {
  connect: (path) => currentProcess().backend.UnixStream.connect(path),
  pair: () => currentProcess().backend.UnixStream.pair(),
  fromFd: (fd) => currentProcess().backend.UnixStream.fromFd(fd),
};
export type UnixStream = TheUnixStream;
