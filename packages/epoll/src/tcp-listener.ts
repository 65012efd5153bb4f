import {
  captureOrigin,
  DescriptorRegistration,
  type Origin,
  type SocketAddress,
  type SocketAddressLike,
  type SystemError,
  type TcpBindOptions,
  type TcpListener as TcpListenerContract,
  toSocketAddress,
  WouldBlock,
} from '@evloop/core';
import { DescriptorSource } from './descriptor-source.ts';
import { errorAddress, getHopLimit, localAddress, openSocket, setHopLimit } from './ip-socket.ts';
import { native } from './native.ts';
import { encodeName, scratchName } from './sockaddr.ts';
import { checkInteger, setIntOption } from './socket-option.ts';
import { check, systemError } from './system-error.ts';
import { TcpStream } from './tcp-stream.ts';

const { EAGAIN, EINTR, EMFILE, ENFILE, ENOBUFS, ENOMEM, SOCK_STREAM } = native.constants;
const { SOL_SOCKET, SO_REUSEADDR, IPPROTO_IPV6, IPV6_V6ONLY } = native.constants;

const DEFAULT_BACKLOG = 511;

/** A listening TCP socket on a kernel descriptor. */
export class TcpListener extends DescriptorSource implements TcpListenerContract {
  // One for all, so that accepting captures nothing.
  readonly #accepted: Origin = {
    toString: () => `TcpStream accepted by the ${this.origin}`,
  };

  static override bind(address: SocketAddressLike, options: TcpBindOptions = {}): TcpListener {
    const local = toSocketAddress(address);
    const backlog = checkInteger('a backlog', options.backlog ?? DEFAULT_BACKLOG, 1, 65535);
    const fd = openSocket(local, SOCK_STREAM, 'listen', (fd) => {
      setIntOption(fd, SOL_SOCKET, SO_REUSEADDR, 1);
      if (local.family === 'IPv6') {
        setIntOption(fd, IPPROTO_IPV6, IPV6_V6ONLY, options.ipv6Only ? 1 : 0);
      }
      // Node calls both steps listen.
      check(native.bind(fd, encodeName(local, scratchName)), 'listen', errorAddress(local));
      check(native.listen(fd, backlog), 'listen', errorAddress(local));
    });
    return new TcpListener(fd, captureOrigin('TcpListener bound', TcpListener.bind));
  }

  accept(): TcpStream | WouldBlock {
    const fd = this.openFd();
    const accepted = native.accept4(fd, scratchName);
    if (accepted >= 0) return new TcpStream(accepted, this.#accepted);
    if (accepted === -EAGAIN) return WouldBlock;
    if (accepted === -EINTR) return this.accept();
    // Free descriptors are no edge: the connections that wait would wait until the next one comes.
    if (EXHAUSTED.has(-accepted)) this.registration.retry();
    throw systemError(accepted, 'accept');
  }

  localAddr(): SocketAddress {
    return localAddress(this.openFd());
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

  protected override createRegistration(fd: number): DescriptorRegistration {
    return new DescriptorRegistration(this, fd);
  }
}

const EXHAUSTED: ReadonlySet<number> = new Set([EMFILE, ENFILE, ENOBUFS, ENOMEM]);
