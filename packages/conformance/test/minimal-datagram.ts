// Not a reference: the smallest correct datagram socket that the suite can be tried on, in this process's memory.
import * as core from '@evloop/core';
import * as base from '@evloop/core/backend';
import { MemoryUdpOptions } from './minimal-datagram-options.ts';

export interface Datagram {
  readonly data: Uint8Array;
  readonly address: core.SocketAddress;
}

/** All sockets of one backend, by family and port. */
export type MemoryNetwork = Map<string, MemoryUdpSocket>;

const MSG_TRUNC = 0x20;
/** What a socket is found by. */
export const key = (to: core.SocketAddress): string => `${to.family} ${to.port}`;

export class MemoryUdpSocket extends MemoryUdpOptions implements core.UdpSocket {
  truncated = false;
  readonly #network: MemoryNetwork;
  protected readonly queue: Datagram[] = [];
  protected peer: core.SocketAddress | undefined;
  protected error: core.SystemError | undefined;
  #cut = 0;

  constructor(
    readiness: typeof core.Readiness,
    network: MemoryNetwork,
    local: core.SocketAddress,
    options: core.UdpBindOptions,
  ) {
    super(readiness, local, options);
    this.#network = network;
    if (!network.has(key(local))) network.set(key(local), this);
    this.readiness.set(core.Ready.WRITABLE);
  }

  recvFrom(
    buffer: Uint8Array,
    offset = 0,
    length?: number,
  ): core.ReceivedDatagram | core.WouldBlock {
    const got = this.peekFrom(buffer, offset, length);
    if (got !== core.WouldBlock) this.queue.shift();
    return got;
  }
  peekFrom(
    buffer: Uint8Array,
    offset = 0,
    length?: number,
  ): core.ReceivedDatagram | core.WouldBlock {
    this.checkOpen();
    const room = base.checkRange(buffer, offset, length);
    this.#throwPending();
    const first = this.queue[0];
    if (first === undefined) return this.#drained();
    this.truncated = first.data.length > room;
    const data = first.data.subarray(0, room);
    buffer.set(data, offset);
    return { size: data.length, address: first.address, truncated: this.truncated };
  }
  recv(buffer: Uint8Array, offset = 0, length?: number): number | core.WouldBlock {
    const got = this.recvFrom(buffer, offset, length);
    return got === core.WouldBlock ? got : got.size;
  }
  peek(buffer: Uint8Array, offset = 0, length?: number): number | core.WouldBlock {
    const got = this.peekFrom(buffer, offset, length);
    return got === core.WouldBlock ? got : got.size;
  }
  sendTo(buffer: Uint8Array, address: core.SocketAddressLike, offset = 0, length?: number): number {
    this.checkOpen();
    const size = base.checkRange(buffer, offset, length);
    return this.#send(buffer.slice(offset, offset + size), core.toSocketAddress(address));
  }
  send(buffer: Uint8Array, offset = 0, length?: number): number {
    this.checkOpen();
    const size = base.checkRange(buffer, offset, length);
    return this.#send(buffer.slice(offset, offset + size), undefined);
  }

  recvBatch(batch: core.DatagramBatch): number | core.WouldBlock {
    this.checkOpen();
    checkBatch(batch);
    this.#throwPending();
    const count = Math.min(this.queue.length, batch.capacity);
    for (let i = 0; i < count; i++) {
      const { data, address } = this.queue.shift() as Datagram;
      const size = Math.min(data.length, batch.slotSize);
      batch.data.set(data.subarray(0, size), i * batch.slotSize);
      base.encodeName(address, batch.names, i * base.NAME_STRIDE);
      const flags = size < data.length ? MSG_TRUNC : 0;
      batch.meta.set([size, flags, 0, 0, 0], i * base.META_STRIDE);
    }
    batch.received(count);
    return count || this.#drained();
  }
  sendBatch(batch: core.DatagramBatch): number {
    this.checkOpen();
    checkBatch(batch);
    batch.took(0);
    if (batch.sent === batch.length) return 0;
    const i = batch.sent;
    const to = batch.hasAddress(i) ? batch.address(i) : undefined;
    const data = batch.view(i).slice();
    const step = batch.segmentSize(i) || data.length;
    batch.took(1);
    if (step < data.length) this.#cut++;
    for (let at = 0; at < data.length || at === 0; at += step || 1) {
      this.#send(data.slice(at, at + step), to);
    }
    return 1;
  }

  connect(address: core.SocketAddressLike): void {
    this.checkOpen();
    const peer = core.toSocketAddress(address);
    this.#check(peer, 'connect');
    this.peer = peer;
  }
  disconnect(): void {
    this.peerAddr();
    this.peer = undefined;
  }
  localAddr(): core.SocketAddress {
    this.checkOpen();
    return this.local;
  }
  peerAddr(): core.SocketAddress {
    this.checkOpen();
    if (this.peer === undefined) throw base.systemError('ENOTCONN', 'getpeername');
    return this.peer;
  }
  takeError(): core.SystemError | undefined {
    this.checkOpen();
    const error = this.error;
    this.error = undefined;
    this.readiness.clear(core.Ready.ERROR);
    return error;
  }
  counters(): core.UdpCounters {
    this.checkOpen();
    return { queueDrops: 0, kernelDrops: undefined, segmentedHere: this.#cut };
  }

  close(): void {
    if (this.readiness.closed) return;
    this.readiness.close();
    if (this.#network.get(key(this.local)) === this) this.#network.delete(key(this.local));
  }

  #drained(): core.WouldBlock {
    this.readiness.clear(core.Ready.READABLE);
    return core.WouldBlock;
  }
  #throwPending(): void {
    const error = this.takeError();
    if (error !== undefined) throw error;
  }
  #check(to: core.SocketAddress, syscall: string): void {
    if (to.family !== this.local.family) throw base.systemError('EAFNOSUPPORT', syscall, to);
    if (to.port === 0) throw base.systemError('EINVAL', syscall, to);
  }
  #send(data: Uint8Array, to: core.SocketAddress | undefined): number {
    this.#throwPending();
    if (to !== undefined) this.#check(to, 'send');
    if (to !== undefined && this.peer !== undefined) throw base.systemError('EISCONN', 'send', to);
    const address = to ?? this.peer;
    if (address === undefined) throw base.systemError('EDESTADDRREQ', 'send');
    if (data.length > 65507) throw base.systemError('EMSGSIZE', 'send', address);
    const target = this.#network.get(key(address));
    if (target !== undefined) target.arrive({ data, address: this.local });
    else if (this.peer !== undefined) this.refused();
    return data.length;
  }
  protected accepts({ address }: Datagram): boolean {
    return this.peer === undefined || key(this.peer) === key(address);
  }
  protected arrive(datagram: Datagram): void {
    if (!this.accepts(datagram)) return;
    this.queue.push(datagram);
    this.readiness.set(core.Ready.READABLE);
  }
  protected refused(): void {
    this.error = base.systemError('ECONNREFUSED', 'recv');
    this.readiness.set(core.Ready.ERROR);
  }

  // Registering reports what is so now, also where it was received without asking once more.
  override register(...args: Parameters<core.Source['register']>): void {
    if (this.queue.length === 0) this.readiness.clear(core.Ready.READABLE);
    super.register(...args);
  }
  override reregister(...args: Parameters<core.Source['reregister']>): void {
    if (this.queue.length === 0) this.readiness.clear(core.Ready.READABLE);
    super.reregister(...args);
  }
}

function checkBatch(batch: core.DatagramBatch): void {
  if (typeof batch?.received !== 'function' || batch.data.length === 0) {
    throw new TypeError('the batch must be a DatagramBatch');
  }
}
