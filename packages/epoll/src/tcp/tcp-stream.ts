import {
  type QueuedError,
  type SocketAddress,
  type SocketAddressLike,
  type SocketOptionName,
  type SystemError,
  type TcpConnectOptions,
  type TcpStream as TcpStreamContract,
  toSocketAddress,
  WouldBlock,
} from '@evloop/core';
import { captureOrigin, type Origin } from '@evloop/core/backend';
import { adoptStream } from '../descriptor/adopted-fd.ts';
import { check, errnoError } from '../native/errno-error.ts';
import { native } from '../native/native.ts';
import { encodeIpName, scratchName } from '../native/sockaddr.ts';
import { getIntOption, setIntOption } from '../native/socket-option.ts';
import {
  errorAddress,
  getHopLimit,
  localAddress,
  openSocket,
  peerAddress,
  setHopLimit,
} from '../socket/ip-socket.ts';
import { OPTION_NAMES } from '../socket/option-names.ts';
import { checkSide, type Side } from '../socket/shut-down.ts';
import { setSocketOptions } from '../socket/socket-options.ts';
import { StreamSocket } from '../socket/stream-socket.ts';
import { type TcpInfo, tcpInfo } from '../socket/tcp-info.ts';

const { EINPROGRESS, EINTR, ENOTCONN, EPIPE, IPPROTO_TCP, SOCK_STREAM, TCP_NODELAY } =
  native.constants;

/** The errors of a stream that is not connected, once the reason is forgotten. */
const PEER_GONE: ReadonlySet<number> = new Set([EPIPE, ENOTCONN]);

/** A TCP connection on a kernel descriptor. */
export class TcpStream extends StreamSocket implements TcpStreamContract {
  readonly #remote: SocketAddress | undefined;
  #connected: boolean;
  #failure: SystemError | undefined;
  #untaken: SystemError | undefined;

  /** For `TcpListener`. Programs call `connect`. `remote` is set while connecting. */
  constructor(fd: number, origin: Origin, remote?: SocketAddress) {
    super(fd, origin);
    this.#remote = remote;
    this.#connected = remote === undefined;
  }

  static connect(address: SocketAddressLike, options: TcpConnectOptions = {}): TcpStream {
    const remote = toSocketAddress(address);
    const origin = captureOrigin('TcpStream connected', TcpStream.connect);
    const fd = openSocket(remote, SOCK_STREAM, 'connect', (fd) => {
      setSocketOptions(fd, options.socket, OPTION_NAMES.tcpStream);
      bindLocal(fd, remote, options);
      const result = native.connect(fd, encodeIpName(remote, scratchName));
      // An interrupted attempt continues: connect(2).
      if (result !== -EINPROGRESS && result !== -EINTR) {
        check(result, 'connect', errorAddress(remote));
      }
    });
    return new TcpStream(fd, origin, remote);
  }

  /**
   * Takes over a connected TCP stream.
   *
   * @throws TypeError: `fd` is something else, or not connected. `EBADF`: it is closed.
   */
  static fromFd(fd: number): TcpStream {
    const adopted = adoptStream(fd, 'TCP stream');
    return new TcpStream(adopted, captureOrigin('TcpStream adopted', TcpStream.fromFd));
  }

  finishConnect(): true | WouldBlock {
    const fd = this.openFd();
    if (this.#connected) return true;
    if (this.#failure === undefined) {
      if (this.#hasConnected(fd)) return true;
      this.#untaken = this.#takeFailure();
      if (this.#failure === undefined) return WouldBlock;
    }
    throw this.#failure;
  }

  /**
   * Takes the oldest entry of the error queue, for raw options such as `SO_TIMESTAMPING`. New
   * entries are a `priority` event, if `PRIORITY` is in the interest. `WouldBlock`: the queue is
   * empty.
   */
  recvError(): QueuedError | WouldBlock {
    return this.registration.errors.take(this.openFd());
  }

  // The kernel returns the error once, to the first caller. So it is remembered: finishConnect
  // throws it each time, and takeError returns it once.
  takeError(): SystemError | undefined {
    const fd = this.openFd();
    const untaken = this.#untaken;
    this.#untaken = undefined;
    if (untaken !== undefined) return untaken;
    const connected = this.#failure === undefined && this.#hasConnected(fd);
    return connected ? this.takeSocketError('read') : this.#takeFailure();
  }

  // The kernel would abort the connection attempt, and report success (inet_shutdown of Linux).
  override shutdown(how: Side): void {
    const fd = this.openFd();
    checkSide(how);
    if (!this.#hasConnected(fd)) throw errnoError(-ENOTCONN, 'shutdown');
    super.shutdown(how);
  }

  protected override get optionNames(): readonly SocketOptionName[] {
    return OPTION_NAMES.tcpStream;
  }

  localAddr(): SocketAddress {
    return localAddress(this.openFd());
  }

  peerAddr(): SocketAddress {
    return peerAddress(this.openFd());
  }

  /** Returns the kernel's knowledge of the connection, as a new object. */
  info(): TcpInfo {
    return tcpInfo(this.openFd());
  }

  nodelay(): boolean {
    return getIntOption(this.openFd(), IPPROTO_TCP, TCP_NODELAY) !== 0;
  }

  setNodelay(on: boolean): void {
    setIntOption(this.openFd(), IPPROTO_TCP, TCP_NODELAY, on ? 1 : 0);
  }

  ttl(): number {
    return getHopLimit(this.openFd());
  }

  setTtl(hops: number): void {
    setHopLimit(this.openFd(), hops);
  }

  // The reason is available once: from finishConnect, which leaves it here, or from the kernel,
  // which then forgets it.
  protected override failure(result: number, syscall: string): SystemError | undefined {
    const untaken = this.#untaken;
    if (untaken !== undefined) {
      this.#untaken = undefined;
      return untaken;
    }
    const remote = this.#remote;
    if (this.#connected || this.#failure !== undefined || remote === undefined) {
      return super.failure(result, syscall);
    }
    if (result === 0 || PEER_GONE.has(-result) || this.#hasConnected(this.openFd())) {
      return super.failure(result, syscall);
    }
    this.#failure = errnoError(result, 'connect', errorAddress(remote));
    return this.#failure;
  }

  // After its end, a connection has no peer, but the peer has acknowledged its SYN.
  #hasConnected(fd: number): boolean {
    if (this.#connected) return true;
    const result = native.getpeername(fd, scratchName);
    if (result !== -ENOTCONN) check(result, 'getpeername');
    this.#connected = result >= 0 || (tcpInfo(fd).bytesAcknowledged ?? 0) > 0;
    return this.#connected;
  }

  #takeFailure(): SystemError | undefined {
    const remote = this.#remote;
    const at = remote === undefined ? undefined : errorAddress(remote);
    const error = this.takeSocketError('connect', at);
    if (error !== undefined && remote !== undefined) this.#failure = error;
    return error;
  }
}

function bindLocal(fd: number, remote: SocketAddress, options: TcpConnectOptions): void {
  const { localAddress, localPort = 0 } = options;
  if (localAddress === undefined && localPort === 0) return;
  const any = remote.family === 'IPv4' ? '0.0.0.0' : '::';
  const { family } = remote;
  const local = toSocketAddress({ address: localAddress ?? any, port: localPort, family });
  check(native.bind(fd, encodeIpName(local, scratchName)), 'bind', errorAddress(local));
}
