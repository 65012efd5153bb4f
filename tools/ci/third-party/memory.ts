// TCP in this process's memory, as somebody writes it who has the README of @evloop/conformance and the docstrings of
// @evloop/core, and nothing else. Datagrams are those of @evloop/udp, whose socket registers with any poll.
import { ByteQueue } from '@evloop/buffer';
import * as core from '@evloop/core';
import * as base from '@evloop/core/backend';
import { udpSupports } from '@evloop/udp';

export { ChannelRemoteWaker as RemoteWaker } from '@evloop/core/backend';
export { UdpSocket } from '@evloop/udp';

export const name = 'memory';
export const supports: core.Supports = {
  ...base.UserSpaceSelector.supports,
  ...base.UserSpaceSocket.supports,
  ...udpSupports,
  tcpTtl: false,
  tcpReusePort: false,
  closeBehindBacklog: true,
  acceptRecovery: false,
  adoptFd: false,
  unixStreams: false,
  abstractNames: false,
  unixPair: false,
  unixReset: false,
  peerCredentials: false,
  fdPassing: false,
};

export class Poll extends base.Poll {
  constructor() {
    super(new base.UserSpaceSelector());
  }
}

function missing(): never {
  throw base.unsupportedError('memory has no descriptors and no Unix sockets');
}
export const UnixListener = { bind: missing, fromFd: missing };
export const UnixStream = { connect: missing, pair: missing, fromFd: missing };

const listeners = new Map<number, TcpListener>();
let nextPort = 49152;

export class TcpListener
  extends base.UserSpaceListener<TcpStream, core.SocketAddress>
  implements core.TcpListener
{
  static readonly fromFd = missing;

  static bind(input: core.SocketAddressLike, options: core.TcpBindOptions = {}): TcpListener {
    const wanted = core.toSocketAddress(input);
    base.checkBacklog(options.backlog);
    base.givenSocketOptions(options.socket, supports.tcpListenerOptions);
    if (options.reusePort) throw base.unsupportedError('a port in memory has one listener');
    const local = { ...wanted, port: wanted.port || nextPort++ };
    if (listeners.has(local.port)) throw base.systemError('EADDRINUSE', 'bind', local);
    const listener = new TcpListener(local);
    listeners.set(local.port, listener);
    return listener;
  }

  ttl(): number {
    return this.refuse('memory has no hops');
  }
  setTtl(_hops: number): void {
    this.ttl();
  }

  protected release(): void {
    listeners.delete(this.local.port);
  }
}

export class TcpStream extends base.UserSpaceStream<core.SocketAddress> implements core.TcpStream {
  static readonly fromFd = missing;
  readonly #incoming = new ByteQueue({ limit: 64 * 1024 });
  #peer: TcpStream | undefined;
  #nodelay = false;

  static connect(to: core.SocketAddressLike, options: core.TcpConnectOptions = {}): TcpStream {
    const remote = core.toSocketAddress(to);
    base.givenSocketOptions(options.socket, supports.tcpStreamOptions);
    const stream = new TcpStream();
    stream.#nodelay = options.nodelay ?? false;
    queueMicrotask(() => stream.#arriveAt(remote));
    return stream;
  }

  #arriveAt(remote: core.SocketAddress): void {
    if (this.readiness.closed) return;
    const listener = listeners.get(remote.port);
    if (listener?.localAddr().family !== remote.family) {
      this.fail(base.systemError('ECONNREFUSED', 'connect', remote));
      return;
    }
    const accepted = new TcpStream();
    const local = { ...remote, port: nextPort++ };
    this.#peer = accepted;
    accepted.#peer = this;
    this.connected(local, remote);
    accepted.connected(remote, local);
    listener.arrive(accepted);
  }

  protected look(into: Uint8Array): number {
    const bytes = this.#incoming.peek(into.length);
    into.set(bytes);
    return bytes.length;
  }

  protected consume(size: number): void {
    this.#incoming.consume(size);
    this.#peer?.readiness.set(core.Ready.WRITABLE);
  }

  protected send(bytes: Uint8Array): number {
    const peer = this.#peer;
    if (peer === undefined || peer.readiness.closed) {
      this.fail(base.systemError('EPIPE', 'write'));
      return bytes.length;
    }
    if (peer.readShut) return bytes.length;
    const size = peer.#incoming.append(bytes);
    if (size > 0) peer.readiness.set(core.Ready.READABLE);
    return size;
  }

  protected sendEnd(): void {
    this.#peer?.endOfPeer();
  }

  protected release(reset: boolean): void {
    const unread = this.#incoming.length > 0;
    if (reset || unread) this.#peer?.fail(base.systemError('ECONNRESET', 'read'));
    else this.sendEnd();
  }

  nodelay(): boolean {
    this.checkOpen();
    return this.#nodelay;
  }
  setNodelay(on: boolean): void {
    this.checkOpen();
    this.#nodelay = on;
  }
  ttl(): number {
    return this.refuse('memory has no hops');
  }
  setTtl(_hops: number): void {
    this.ttl();
  }
}
