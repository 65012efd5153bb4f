import type {
  SocketAddress,
  SocketOption,
  SocketOptionName,
  TcpBindOptions,
  TcpListener,
} from '@evloop/core';
import {
  checkBacklog,
  checkSocketOptionName,
  checkSocketOptionValue,
  givenSocketOptions,
  linuxError,
} from '@evloop/core/backend';
import { SimListener } from '../backend/sim-listener.ts';
import type { Process } from '../host/process.ts';
import { isLocal } from '../network/interfaces.ts';
import type { Connection } from './connection.ts';
import type { ListeningSocket } from './listening-socket.ts';
import { StreamOptions, TCP_STREAM_OPTIONS } from './stream-options.ts';
import { SimTcpStream } from './tcp-stream.ts';

/** The options of `SocketOptions` that TCP listeners take. */
export const TCP_LISTENER_OPTIONS: readonly SocketOptionName[] = Object.freeze([
  ...TCP_STREAM_OPTIONS,
  'ipv6Only',
  'reusePort',
]);

/** A TCP listener of a simulated process. */
export class SimTcpListener
  extends SimListener<SimTcpStream, SocketAddress>
  implements TcpListener, ListeningSocket
{
  override readonly local: SocketAddress;
  readonly reusePort: boolean;
  readonly dual: boolean;
  readonly #backlog: number;
  readonly #options = new StreamOptions();

  /** Binds and listens. */
  constructor(process: Process, wanted: SocketAddress, options: TcpBindOptions) {
    const { host } = process;
    const { tcp } = host.kernel;
    const backlog = Math.min(checkBacklog(options.backlog), tcp.numbers.maxBacklog);
    const names = givenSocketOptions(options.socket, TCP_LISTENER_OPTIONS);
    if (!isLocal(host.interfaces, wanted.address)) {
      throw linuxError('EADDRNOTAVAIL', 'listen', wanted);
    }
    const port = wanted.port || tcp.listeners.free((each) => tcp.usesPort(each));
    if (port === undefined) throw linuxError('EADDRINUSE', 'listen', wanted);
    super(process, { ...wanted, port }, 'listen');
    this.local = { ...wanted, port };
    this.#backlog = backlog;
    for (const name of names) {
      this.#options.set(name, checkSocketOptionValue(name, options.socket?.[name]));
    }
    this.reusePort = options.socket?.reusePort === true;
    const sixOnly = options.socket?.ipv6Only === true;
    this.dual = wanted.address === '::' && !sixOnly;
    this.#options.set('ipv6Only', sixOnly);
    this.#options.set('reusePort', this.reusePort);
    this.listen(() => {
      tcp.listeners.add(this, 'listen', (other) => other.reusePort && this.reusePort);
    });
  }

  // Linux lets one more connection wait than the backlog says.
  get full(): boolean {
    return this.queue.length > this.#backlog;
  }

  complete(connection: Connection): boolean {
    if (this.readiness.closed) {
      connection.abort();
      return false;
    }
    if (this.full) {
      this.process.simulation.trace.note(this.process.host, 'accept queue full, ACK dropped');
      return false;
    }
    const stream = new SimTcpStream(this.process, new StreamOptions(this.#options));
    stream.adopt(connection, this.local.family);
    this.arrive(stream);
    return true;
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
    checkSocketOptionName(name, this.process.supports.tcpListenerOptions);
    return this.#options.get(name);
  }

  override setSocketOption<N extends SocketOptionName>(name: N, value: SocketOption<N>): void {
    this.checkOpen();
    checkSocketOptionName(name, this.process.supports.tcpListenerOptions);
    const checked = checkSocketOptionValue(name, value);
    if (name === 'ipv6Only' || name === 'reusePort') {
      throw linuxError('EINVAL', 'setsockopt');
    }
    this.#options.set(name, checked);
  }

  protected release(): void {
    this.released();
    this.process.host.kernel.tcp.listeners.remove(this);
  }
}
