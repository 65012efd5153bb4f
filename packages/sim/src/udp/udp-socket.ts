import type { SocketAddress, SystemError, UdpBindOptions, UdpCounters } from '@evloop/core';
import { WouldBlock } from '@evloop/core';
import { linuxError, UserSpaceDatagram } from '@evloop/core/backend';
import { SimReadiness, type SimSource } from '../backend/sim-readiness.ts';
import type { Closable, Process } from '../host/process.ts';
import { isLocal, isLoopback, isWildcard, unmapped } from '../network/interfaces.ts';
import type { Bound } from '../tcp/port-table.ts';
import { sourceAddress } from '../tcp/tcp-stack.ts';

/** Linux takes double the size that is asked for, and so much at least. */
const LEAST_BUFFER = 2304;

/** A UDP socket of a simulated process. */
export class SimUdpSocket extends UserSpaceDatagram implements SimSource, Closable, Bound {
  readonly process: Process;
  readonly serial: number;
  override readonly local: SocketAddress;
  readonly dual: boolean;
  #memory = 0;
  /** What waits for the host's interface: it is counted as what waits to be read. */
  #unsent = 0;
  #full = false;

  /** Binds a socket. @throws `EADDRINUSE`, `EADDRNOTAVAIL`, `EMFILE`. */
  constructor(process: Process, wanted: SocketAddress, options: UdpBindOptions) {
    const { host } = process;
    const { ports } = host.kernel.udp;
    process.checkAlive();
    if (!isLocal(host.interfaces, wanted.address) && !isMulticast(wanted.address)) {
      throw linuxError('EADDRNOTAVAIL', 'bind', wanted);
    }
    const port = wanted.port || ports.free();
    if (port === undefined) throw linuxError('EADDRINUSE', 'bind', wanted);
    super({ ...wanted, port }, options, SimReadiness as never);
    this.process = process;
    this.serial = process.simulation.nextSerial();
    this.local = { ...wanted, port };
    this.dual = wanted.address === '::' && !this.socketOption('ipv6Only');
    process.descriptors.take('bind');
    try {
      ports.add(this, 'bind', (other) => this.#shares(other));
    } catch (error) {
      process.descriptors.release();
      throw error;
    }
    process.open.add(this);
    this.writable();
  }

  get label(): string {
    return `UDP socket on ${this.local.address}:${this.local.port}`;
  }

  /** The datagrams that wait. */
  get unread(): number {
    return this.waiting;
  }

  get endUnread(): boolean {
    return false;
  }

  get sharesPort(): boolean {
    return this.socketOption('reusePort');
  }

  kill(): void {
    this.close();
  }

  /** Whether it takes what is sent to this multicast group. */
  joined(group: string): boolean {
    return this.groups.has(group);
  }

  /** Whether it takes datagrams from this address. */
  hears(from: SocketAddress): boolean {
    const { peer } = this;
    if (peer === undefined) return true;
    const { address, port } = unmapped(peer);
    return address === from.address && port === from.port;
  }

  /** A datagram has arrived. */
  arrive(data: Uint8Array, from: SocketAddress): void {
    this.deliver(data, from);
  }

  /** The network says that nobody takes what was sent to the peer. */
  refused(): void {
    this.report(linuxError('ECONNREFUSED', 'recvmsg', this.peer));
  }

  override counters(): UdpCounters {
    return { ...super.counters(), queueDrops: 0, kernelDrops: this.dropped };
  }

  override recvFrom(
    ...args: Parameters<UserSpaceDatagram['recvFrom']>
  ): ReturnType<UserSpaceDatagram['recvFrom']> {
    const got = super.recvFrom(...args);
    this.#operation('recvFrom', got === WouldBlock ? got : got.size);
    return got;
  }

  override recv(...args: Parameters<UserSpaceDatagram['recv']>): number | WouldBlock {
    return this.#operation('recv', super.recv(...args));
  }

  override sendTo(...args: Parameters<UserSpaceDatagram['sendTo']>): number | WouldBlock {
    return this.#operation('sendTo', super.sendTo(...args));
  }

  override send(...args: Parameters<UserSpaceDatagram['send']>): number | WouldBlock {
    return this.#operation('send', super.send(...args));
  }

  override recvBatch(...args: Parameters<UserSpaceDatagram['recvBatch']>): number | WouldBlock {
    return this.#operation('recvBatch', super.recvBatch(...args));
  }

  override sendBatch(...args: Parameters<UserSpaceDatagram['sendBatch']>): number | WouldBlock {
    return this.#operation('sendBatch', super.sendBatch(...args));
  }

  protected override bufferSize(bytes: number): number {
    return Math.max(2 * bytes, LEAST_BUFFER);
  }

  protected override makeError(...args: Parameters<UserSpaceDatagram['makeError']>): SystemError {
    return linuxError(...(args as Parameters<typeof linuxError>));
  }

  // sock_queue_rcv_skb: a datagram is taken while less than the whole buffer is in use.
  protected hasRoom(size: number): boolean {
    if (this.#memory + memoryOf(size) > this.socketOption('recvBufferSize')) return false;
    this.#memory += memoryOf(size);
    return true;
  }

  protected made(size: number): void {
    this.#memory -= memoryOf(size);
  }

  protected transmit(data: Uint8Array, to: SocketAddress): boolean {
    const { host } = this.process;
    const destination = unmapped(to);
    const broadcast = destination.address.endsWith('.255');
    if (broadcast && !this.broadcast()) throw linuxError('EACCES', 'send', to);
    const memory = memoryOf(data.length);
    // sock_alloc_send_skb: a datagram is taken while less than the whole buffer is in use.
    if (this.#unsent >= this.socketOption('sendBufferSize')) {
      this.#full = true;
      return false;
    }
    const source = this.#source(destination);
    if (source === undefined) throw linuxError('ENETUNREACH', 'send', to);
    const group = isMulticast(destination.address);
    const hops = group ? this.multicastHops : this.ttl();
    const options = { hops, loop: this.multicastLoop, at: this.process.now };
    const left = host.kernel.udp.send(data, source, destination, options);
    if (left > options.at) this.#waitFor(left, memory);
    return true;
  }

  protected release(): void {
    this.process.open.delete(this);
    this.process.descriptors.release();
    this.process.host.kernel.udp.ports.remove(this);
  }

  #waitFor(left: number, memory: number): void {
    this.#unsent += memory;
    this.process.simulation.scheduler.at(left, () => {
      this.#unsent -= memory;
      // sock_writeable: half of the buffer is free.
      if (!this.#full || this.#unsent * 2 > this.socketOption('sendBufferSize')) return;
      this.#full = false;
      if (!this.readiness.closed) this.writable();
    });
  }

  #operation(name: string, result: number | WouldBlock): number | WouldBlock {
    if (result === WouldBlock) this.process.wouldBlock();
    return this.process.operation(this, name, result);
  }

  #shares(other: SimUdpSocket): boolean {
    const both = this.socketOption('reuseAddr') && other.socketOption('reuseAddr');
    return both || (this.sharesPort && other.sharesPort);
  }

  #source(destination: SocketAddress): SocketAddress | undefined {
    const { host } = this.process;
    const { address, port } = unmapped(this.local);
    const own = sourceAddress(host, destination);
    if (own === undefined) return undefined;
    const bound = !isWildcard(address) && !isMulticast(address);
    if (bound && isLoopback(address) && !isLoopback(destination.address)) {
      if (!isMulticast(destination.address)) throw linuxError('EINVAL', 'send', destination);
    }
    return { ...own, address: bound ? address : own.address, port };
  }
}

/**
 * What the kernel counts for a datagram of `size` bytes: its buffer, rounded up, and its
 * description.
 */
function memoryOf(size: number): number {
  let bucket = 512;
  while (bucket < size + 384) bucket *= 2;
  return bucket + 256;
}

/** Whether `address` is a multicast group. */
export function isMulticast(address: string): boolean {
  const first = Number(address.split('.', 1)[0]);
  return (first >= 224 && first < 240) || /^ff/i.test(address);
}
