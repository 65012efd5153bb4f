import {
  type DatagramBatch,
  type Readiness,
  Ready,
  type ReceivedDatagram,
  type SendControl,
  type SocketAddress,
  type SocketAddressLike,
  type Source,
  type SystemError,
  toSocketAddress,
  type UdpBindOptions,
  type UdpCounters,
  type UdpSocket,
  WouldBlock,
} from '@evloop/core';
import {
  checkRange,
  encodeName,
  META_STRIDE,
  NAME_STRIDE,
  systemError,
  unsupportedError,
} from '@evloop/core/backend';
import { MemoryUdpOptions } from './memory-udp-options.ts';

/** A datagram that waits to be received. */
export interface Datagram {
  readonly data: Uint8Array;
  readonly address: SocketAddress;
}

/** All sockets of one backend, by family and port. */
export type MemoryNetwork = Map<string, MemoryUdpSocket>;

const MSG_TRUNC = 0x20;
/** The key of a socket in its network. */
export const key = (to: SocketAddress): string => `${to.family} ${to.port}`;

/** A UDP socket in memory. */
export class MemoryUdpSocket extends MemoryUdpOptions implements UdpSocket {
  truncated = false;
  readonly #network: MemoryNetwork;
  protected readonly queue: Datagram[] = [];
  protected peer: SocketAddress | undefined;
  protected error: SystemError | undefined;
  #cut = 0;

  constructor(
    readiness: typeof Readiness,
    network: MemoryNetwork,
    local: SocketAddress,
    options: UdpBindOptions,
  ) {
    super(readiness, local, options);
    this.#network = network;
    if (!network.has(key(local))) network.set(key(local), this);
    this.readiness.set(Ready.WRITABLE);
  }

  recvFrom(buffer: Uint8Array, offset = 0, length?: number): ReceivedDatagram | WouldBlock {
    const got = this.peekFrom(buffer, offset, length);
    if (got !== WouldBlock) this.queue.shift();
    return got;
  }
  peekFrom(buffer: Uint8Array, offset = 0, length?: number): ReceivedDatagram | WouldBlock {
    this.checkOpen();
    const room = checkRange(buffer, offset, length);
    this.#throwPending('recvmsg');
    const first = this.queue[0];
    if (first === undefined) return this.#drained();
    this.truncated = first.data.length > room;
    const data = first.data.subarray(0, room);
    buffer.set(data, offset);
    return { size: data.length, address: first.address, truncated: this.truncated };
  }
  recv(buffer: Uint8Array, offset = 0, length?: number): number | WouldBlock {
    const got = this.recvFrom(buffer, offset, length);
    return got === WouldBlock ? got : got.size;
  }
  peek(buffer: Uint8Array, offset = 0, length?: number): number | WouldBlock {
    const got = this.peekFrom(buffer, offset, length);
    return got === WouldBlock ? got : got.size;
  }
  sendTo(
    buffer: Uint8Array,
    address: SocketAddressLike,
    offset = 0,
    length?: number,
    control?: SendControl,
  ): number {
    this.checkOpen();
    checkControl(control);
    const size = checkRange(buffer, offset, length);
    return this.#send(buffer.slice(offset, offset + size), toSocketAddress(address));
  }
  replyTo(buffer: Uint8Array, { address }: ReceivedDatagram, offset = 0, length?: number): number {
    return this.sendTo(buffer, address, offset, length);
  }
  send(buffer: Uint8Array, offset = 0, length?: number, control?: SendControl): number {
    this.checkOpen();
    checkControl(control);
    const size = checkRange(buffer, offset, length);
    return this.#send(buffer.slice(offset, offset + size), undefined);
  }

  recvBatch(batch: DatagramBatch): number | WouldBlock {
    this.checkOpen();
    checkBatch(batch);
    this.#throwPending('recvmsg');
    const count = Math.min(this.queue.length, batch.capacity);
    for (let i = 0; i < count; i++) {
      const { data, address } = this.queue.shift() as Datagram;
      const size = Math.min(data.length, batch.slotSize);
      batch.data.set(data.subarray(0, size), i * batch.slotSize);
      encodeName(address, batch.names, i * NAME_STRIDE);
      const flags = size < data.length ? MSG_TRUNC : 0;
      batch.meta.set([size, flags, 0, 0, 0], i * META_STRIDE);
    }
    batch.received(count);
    return count || this.#drained();
  }
  sendBatch(batch: DatagramBatch, most = 1): number {
    this.checkOpen();
    checkBatch(batch);
    batch.took(0);
    if (most < 0) throw new RangeError('most is negative');
    if (batch.sent === batch.length || most === 0) return 0;
    const i = batch.sent;
    const controlled = batch.meta[i * META_STRIDE + 4] !== 0;
    const to = batch.hasAddress(i) ? batch.address(i) : undefined;
    const data = batch.view(i).slice();
    const step = batch.segmentSize(i) || data.length;
    batch.took(1);
    if (controlled) checkControl({ tos: 0 });
    if (step < data.length) this.#cut++;
    for (let at = 0; at < data.length || at === 0; at += step || 1) {
      this.#send(data.slice(at, at + step), to);
    }
    return 1;
  }

  connect(address: SocketAddressLike): void {
    this.checkOpen();
    const peer = toSocketAddress(address);
    this.#check(peer, 'connect');
    this.peer = peer;
  }
  disconnect(): void {
    this.peerAddr();
    this.peer = undefined;
  }
  localAddr(): SocketAddress {
    this.checkOpen();
    return this.local;
  }
  peerAddr(): SocketAddress {
    this.checkOpen();
    if (this.peer === undefined) throw systemError('ENOTCONN', 'getpeername');
    return this.peer;
  }
  takeError(): SystemError | undefined {
    this.checkOpen();
    const error = this.error;
    this.error = undefined;
    this.readiness.clear(Ready.ERROR);
    return error;
  }
  recvError(): never {
    this.checkOpen();
    throw unsupportedError('memory has no error queue');
  }
  pathMtu(): never {
    this.checkOpen();
    throw unsupportedError('memory has no MTU');
  }
  counters(): UdpCounters {
    this.checkOpen();
    return { queueDrops: 0, kernelDrops: undefined, errorDrops: 0, segmentedHere: this.#cut };
  }

  close(): void {
    if (this.readiness.closed) return;
    this.readiness.close();
    if (this.#network.get(key(this.local)) === this) this.#network.delete(key(this.local));
  }

  #drained(): WouldBlock {
    this.readiness.clear(Ready.READABLE);
    return WouldBlock;
  }
  #throwPending(syscall: string): void {
    const error = this.takeError();
    if (error !== undefined) throw systemError(error.code, syscall, this.peer);
  }
  #check(to: SocketAddress, syscall: string): void {
    if (to.family !== this.local.family) throw systemError('EAFNOSUPPORT', syscall, to);
    if (to.port === 0) throw systemError('EINVAL', syscall, to);
  }
  #send(data: Uint8Array, to: SocketAddress | undefined): number {
    this.#throwPending('send');
    if (to !== undefined) this.#check(to, 'send');
    if (to !== undefined && this.peer !== undefined) throw systemError('EISCONN', 'send', to);
    const address = to ?? this.peer;
    if (address === undefined) throw systemError('EDESTADDRREQ', 'send');
    if (data.length > 65507) throw systemError('EMSGSIZE', 'send', address);
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
    this.readiness.set(Ready.READABLE);
  }
  protected refused(): void {
    this.error = systemError('ECONNREFUSED', 'recvmsg', this.peer);
    this.readiness.set(Ready.ERROR);
  }

  // Registering reports current readiness. The program may have emptied the queue without a final
  // would-block.
  override register(...args: Parameters<Source['register']>): void {
    if (this.queue.length === 0) this.readiness.clear(Ready.READABLE);
    super.register(...args);
  }
  override reregister(...args: Parameters<Source['reregister']>): void {
    if (this.queue.length === 0) this.readiness.clear(Ready.READABLE);
    super.reregister(...args);
  }
}

function checkControl(control: SendControl | undefined): void {
  if (control === undefined) return;
  throw unsupportedError('memory sends all datagrams alike');
}

function checkBatch(batch: DatagramBatch): void {
  if (typeof batch?.received !== 'function' || batch.data.length === 0) {
    throw new TypeError('the batch must be a DatagramBatch');
  }
}
