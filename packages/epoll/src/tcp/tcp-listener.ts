import {
  type SocketAddress,
  type SocketAddressLike,
  type SocketOptionName,
  type SystemError,
  type TcpBindOptions,
  type TcpListener as TcpListenerContract,
  toSocketAddress,
  type WouldBlock,
} from '@evloop/core';
import { captureOrigin, checkBacklog } from '@evloop/core/backend';
import { adoptSocket } from '../descriptor/adopted-fd.ts';
import { check } from '../native/errno-error.ts';
import { native } from '../native/native.ts';
import { encodeIpName, scratchName } from '../native/sockaddr.ts';
import { setIntOption } from '../native/socket-option.ts';
import {
  errorAddress,
  getHopLimit,
  localAddress,
  openSocket,
  setHopLimit,
} from '../socket/ip-socket.ts';
import { ListenerSocket } from '../socket/listener-socket.ts';
import { OPTION_NAMES } from '../socket/option-names.ts';
import { setSocketOptions } from '../socket/socket-options.ts';
import { acceptQueue } from '../socket/tcp-info.ts';
import { TcpStream } from './tcp-stream.ts';

const { SOCK_STREAM, SOL_SOCKET, SO_REUSEADDR, IPPROTO_IPV6, IPV6_V6ONLY } = native.constants;

/** A listening TCP socket on a kernel descriptor. */
export class TcpListener extends ListenerSocket<TcpStream> implements TcpListenerContract {
  static override bind(address: SocketAddressLike, options: TcpBindOptions = {}): TcpListener {
    const local = toSocketAddress(address);
    const backlog = checkBacklog(options.backlog);
    const origin = captureOrigin('TcpListener bound', TcpListener.bind);
    const fd = openSocket(local, SOCK_STREAM, 'listen', (fd) => {
      setIntOption(fd, SOL_SOCKET, SO_REUSEADDR, 1);
      // Node's default, whatever the sysctl net.ipv6.bindv6only says.
      if (local.family === 'IPv6') setIntOption(fd, IPPROTO_IPV6, IPV6_V6ONLY, 0);
      setSocketOptions(fd, options.socket, OPTION_NAMES.tcpListener);
      // Node names both system calls listen.
      check(native.bind(fd, encodeIpName(local, scratchName)), 'listen', errorAddress(local));
      check(native.listen(fd, backlog), 'listen', errorAddress(local));
    });
    return new TcpListener(fd, origin);
  }

  /**
   * Takes over a listening TCP socket. @throws TypeError: `fd` is something else. `EBADF`: it is
   * closed.
   */
  static fromFd(fd: number): TcpListener {
    const adopted = adoptSocket(fd, 'TCP listener');
    return new TcpListener(adopted, captureOrigin('TcpListener adopted', TcpListener.fromFd));
  }

  accept(): TcpStream | WouldBlock {
    return this.acceptOne(TcpStream);
  }

  protected override get optionNames(): readonly SocketOptionName[] {
    return OPTION_NAMES.tcpListener;
  }

  localAddr(): SocketAddress {
    return localAddress(this.openFd());
  }

  /**
   * Returns how many connections wait to be accepted, and how many may. The kernel drops further
   * ones.
   */
  acceptQueue(): { waiting: number; backlog: number } {
    return acceptQueue(this.openFd());
  }

  takeError(): SystemError | undefined {
    return this.takeSocketError('accept');
  }

  ttl(): number {
    return getHopLimit(this.openFd());
  }

  setTtl(hops: number): void {
    setHopLimit(this.openFd(), hops);
  }
}
