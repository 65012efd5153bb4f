import {
  Ready,
  type SocketAddress,
  type SocketOption,
  type SocketOptionName,
  type TcpConnectOptions,
  type TcpStream,
  type WouldBlock,
} from '@evloop/core';
import {
  checkSocketOptionName,
  checkSocketOptionValue,
  givenSocketOptions,
  linuxError,
} from '@evloop/core/backend';
import { SimStream } from '../backend/sim-stream.ts';
import { MS } from '../clock/time.ts';
import type { Process } from '../host/process.ts';
import { isLocal, shownTo } from '../network/interfaces.ts';
import type { Connection } from './connection.ts';
import type { ConnectionUser } from './connection-user.ts';
import { StreamOptions, TCP_STREAM_OPTIONS } from './stream-options.ts';
import { sourceAddress } from './tcp-stack.ts';

/** A TCP connection of a simulated process. */
export class SimTcpStream extends SimStream<SocketAddress> implements TcpStream, ConnectionUser {
  readonly #options: StreamOptions;
  #connection: Connection | undefined;

  /** @param options those of the listener that it comes from. */
  constructor(process: Process, options: StreamOptions = new StreamOptions()) {
    super(process);
    this.#options = options;
  }

  get connection(): Connection | undefined {
    return this.#connection;
  }

  /** What a report calls it. */
  override get label(): string {
    return this.#connection === undefined ? 'TCP stream' : `TCP stream, ${this.#connection.flow}`;
  }

  get modelState(): string | undefined {
    return this.#connection?.state;
  }

  override get unread(): number {
    return this.#connection?.receiver.unread ?? 0;
  }

  override get endUnread(): boolean {
    return this.peerEnded;
  }

  /** Begins to connect. */
  open(remote: SocketAddress, options: TcpConnectOptions): void {
    const { host } = this.process;
    const names = givenSocketOptions(options.socket, TCP_STREAM_OPTIONS);
    for (const name of names) {
      this.#options.set(name, checkSocketOptionValue(name, options.socket?.[name]));
    }
    const own = sourceAddress(host, remote);
    if (own === undefined) throw linuxError('ENETUNREACH', 'connect', remote);
    const address = options.localAddress ?? own.address;
    if (!isLocal(host.interfaces, address)) {
      throw linuxError('EADDRNOTAVAIL', 'bind', { address, port: options.localPort ?? 0 });
    }
    const local = { address, port: options.localPort ?? 0, family: remote.family };
    const to = host.simulation.network.find(host, remote.address);
    if (to === undefined && !host.simulation.routes(remote.address)) {
      throw linuxError('ENETUNREACH', 'connect', remote);
    }
    this.remote = remote;
    if (to === undefined || (!to.on && to !== host)) {
      this.#unreachable(remote);
      return;
    }
    const connection = host.kernel.tcp.open(local, remote, to);
    if (typeof connection === 'string') {
      throw linuxError(connection, 'connect', { address, port: local.port });
    }
    this.#attach(connection);
    this.local = connection.local;
    connection.connect();
  }

  /** Takes the end of a connection that was accepted. */
  adopt(connection: Connection, family: SocketAddress['family']): void {
    this.#attach(connection);
    this.connected(shownTo(family, connection.local), shownTo(family, connection.remote));
  }

  established(): void {
    const connection = this.#connection as Connection;
    this.connected(connection.local, connection.remote);
  }

  failed(code: string): void {
    const connecting = this.state === 'connecting';
    const at = connecting ? (this.remote as SocketAddress) : {};
    this.fail(linuxError(code, connecting ? 'connect' : code === 'EPIPE' ? 'write' : 'read', at));
  }

  readable(): void {
    this.readiness.set(Ready.READABLE);
  }

  writable(): void {
    this.readiness.set(Ready.WRITABLE);
  }

  ended(): void {
    this.endOfPeer();
  }

  nodelay(): boolean {
    this.checkOpen();
    return this.#options.get('nodelay');
  }

  setNodelay(on: boolean): void {
    this.checkOpen();
    this.#options.set('nodelay', on);
    this.#apply();
  }

  ttl(): number {
    this.checkOpen();
    if (!this.process.supports.tcpTtl) this.refuse('this backend has no TTL of TCP sockets');
    return this.#options.ttl;
  }

  setTtl(hops: number): void {
    this.checkOpen();
    if (!this.process.supports.tcpTtl) this.refuse('this backend has no TTL of TCP sockets');
    this.#options.ttl = hops;
  }

  override socketOption<N extends SocketOptionName>(name: N): SocketOption<N> {
    this.checkOpen();
    checkSocketOptionName(name, this.process.supports.tcpStreamOptions);
    return this.#options.get(name);
  }

  override setSocketOption<N extends SocketOptionName>(name: N, value: SocketOption<N>): void {
    this.checkOpen();
    checkSocketOptionName(name, this.process.supports.tcpStreamOptions);
    this.#options.set(name, checkSocketOptionValue(name, value));
    this.#apply();
  }

  protected look(into: Uint8Array): number {
    const connection = this.#connection;
    if (connection === undefined || connection.receiver.unread === 0) return 0;
    const { bytes } = connection.receiver;
    const key = `${connection.flow}: read cut short?`;
    return bytes.copyTo(this.process.shorten(key, bytes.start, into, bytes.length));
  }

  protected consume(size: number): void {
    this.#act()?.receiver.consume(size);
  }

  protected send(bytes: Uint8Array): number {
    const connection = this.#act();
    if (connection === undefined) return bytes.length;
    const { sender, flow } = connection;
    const key = `${flow}: write cut short?`;
    return sender.write(this.process.shorten(key, sender.written, bytes));
  }

  protected sendEnd(): void {
    this.#act()?.end();
  }

  protected release(reset: boolean): void {
    this.released();
    const connection = this.#act();
    if (connection === undefined) return;
    connection.user = undefined;
    if (reset) connection.abort();
    else connection.close(this.#options.get('linger') as number | null);
  }

  // A reset behind the peer's end does not hide the end: tcp_recvmsg looks at it first.
  protected override nothingToRead(): number | WouldBlock {
    if (this.peerEnded) return 0;
    return super.nothingToRead();
  }

  protected override block(direction: Ready): WouldBlock {
    if (direction === Ready.WRITABLE) this.#connection?.sender.block();
    return super.block(direction);
  }

  #attach(connection: Connection): void {
    this.#connection = connection;
    connection.user = this;
    this.#apply();
  }

  #apply(): void {
    const connection = this.#connection;
    if (connection === undefined) return;
    const { sender, receiver, keepAlive } = connection;
    const number = (name: SocketOptionName): number => this.#options.get(name) as number;
    const hadDelay = !sender.nodelay;
    sender.nodelay = this.#options.get('nodelay') as boolean;
    sender.userTimeout = number('userTimeout') * MS;
    sender.bufferSize = this.#options.sendBuffer ?? sender.bufferSize;
    receiver.bufferSize = this.#options.receiveBuffer ?? receiver.bufferSize;
    keepAlive.on = this.#options.get('keepAlive') as boolean;
    keepAlive.idle = number('keepIdle') * MS;
    keepAlive.interval = number('keepInterval') * MS;
    keepAlive.count = number('keepCount');
    keepAlive.change();
    if (hadDelay && sender.nodelay && this.state === 'connected') sender.output();
  }

  /** The connection, for an act of the program: at the time that its processor has reached. */
  #act(): Connection | undefined {
    this.#connection?.actAt(this.process.now);
    return this.#connection;
  }

  /** A neighbour that does not answer: three ARP requests, a second each. */
  #unreachable(remote: SocketAddress): void {
    const { host, simulation } = this.process;
    const until = this.process.now + host.kernel.tcp.numbers.neighbourTimeout;
    this.local = sourceAddress(host, remote);
    simulation.scheduler.at(until, () => {
      if (!this.readiness.closed) this.failed('EHOSTUNREACH');
    });
  }
}
