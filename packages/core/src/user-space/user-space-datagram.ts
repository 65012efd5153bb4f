import { type SocketAddress, type SocketAddressLike, toSocketAddress } from '../address/address.ts';
import { decodeName, encodeName, NAME_STRIDE } from '../address/sockaddr-name.ts';
import type { Interest } from '../interest.ts';
import { Ready } from '../registration/ready.ts';
import type { Registry } from '../registry.ts';
import { checkRange } from '../sockets/byte-range.ts';
import { checkBatch, type DatagramBatch } from '../sockets/datagram-batch.ts';
import type { SendControl } from '../sockets/datagram-control.ts';
import { META_STRIDE } from '../sockets/message-words.ts';
import type { UdpCounters } from '../sockets/udp-options.ts';
import type { ReceivedDatagram, UdpSocket } from '../sockets/udp-socket.ts';
import type { SystemError } from '../system-error.ts';
import type { Token } from '../token.ts';
import { WouldBlock } from '../would-block.ts';
import { UserSpaceDatagramOptions } from './user-space-datagram-options.ts';

const MSG_TRUNC = 0x20;
/** The most bytes of one datagram: 65,535 less the headers that the length counts. */
const MOST = { IPv4: 65_507, IPv6: 65_527 };

interface Datagram {
  readonly data: Uint8Array;
  readonly address: SocketAddress;
}

/**
 * A datagram socket in user space, for backends: the receive queue, the peer, the errors and the
 * checks. The backend transports the datagrams.
 *
 * The backend calls `deliver` and `report` when something arrives, and implements `transmit` and
 * `release`.
 */
export abstract class UserSpaceDatagram extends UserSpaceDatagramOptions implements UdpSocket {
  truncated = false;
  protected peer: SocketAddress | undefined;
  /** Datagrams that were dropped because the queue was full. */
  protected dropped = 0;
  readonly #queue: Datagram[] = [];
  #error: SystemError | undefined;
  #segmented = 0;

  override register(registry: Registry, token: Token, interest: Interest): void {
    this.#refresh();
    super.register(registry, token, interest);
  }

  override reregister(registry: Registry, token: Token, interest: Interest): void {
    this.#refresh();
    super.reregister(registry, token, interest);
  }

  recvFrom(buffer: Uint8Array, offset = 0, length?: number): ReceivedDatagram | WouldBlock {
    const got = this.peekFrom(buffer, offset, length);
    if (got !== WouldBlock) this.#taken();
    return got;
  }

  peekFrom(buffer: Uint8Array, offset = 0, length?: number): ReceivedDatagram | WouldBlock {
    const size = this.peek(buffer, offset, length);
    if (size === WouldBlock) return WouldBlock;
    const { address } = this.#queue[0] as Datagram;
    return { size, address, truncated: this.truncated };
  }

  recv(buffer: Uint8Array, offset = 0, length?: number): number | WouldBlock {
    const size = this.peek(buffer, offset, length);
    if (size !== WouldBlock) this.#taken();
    return size;
  }

  peek(buffer: Uint8Array, offset = 0, length?: number): number | WouldBlock {
    this.checkOpen();
    const room = checkRange(buffer, offset, length);
    this.#throwPending('recvmsg');
    const first = this.#queue[0];
    if (first === undefined) return this.#blocked(Ready.READABLE);
    this.truncated = first.data.length > room;
    const data = this.truncated ? first.data.subarray(0, room) : first.data;
    buffer.set(data, offset);
    return data.length;
  }

  sendTo(
    buffer: Uint8Array,
    address: SocketAddressLike,
    offset = 0,
    length?: number,
    control?: SendControl,
  ): number | WouldBlock {
    this.checkOpen();
    const size = checkRange(buffer, offset, length);
    const to = toSocketAddress(address);
    if (control !== undefined) this.refuse('this backend sends all datagrams alike');
    return this.#send(buffer.slice(offset, offset + size), to);
  }

  replyTo(
    buffer: Uint8Array,
    { address }: ReceivedDatagram,
    offset = 0,
    length?: number,
  ): number | WouldBlock {
    return this.sendTo(buffer, address, offset, length);
  }

  send(
    buffer: Uint8Array,
    offset = 0,
    length?: number,
    control?: SendControl,
  ): number | WouldBlock {
    this.checkOpen();
    const size = checkRange(buffer, offset, length);
    if (control !== undefined) this.refuse('this backend sends all datagrams alike');
    return this.#send(buffer.slice(offset, offset + size), undefined);
  }

  recvBatch(batch: DatagramBatch): number | WouldBlock {
    this.checkOpen();
    checkBatch(batch);
    this.#throwPending('recvmsg');
    const count = Math.min(this.#queue.length, batch.capacity);
    for (let i = 0; i < count; i++) {
      const { data, address } = this.#queue[0] as Datagram;
      const size = Math.min(data.length, batch.slotSize);
      batch.data.set(data.subarray(0, size), i * batch.slotSize);
      encodeName(address, batch.names, i * NAME_STRIDE);
      const flags = size < data.length ? MSG_TRUNC : 0;
      batch.meta.fill(0, i * META_STRIDE, (i + 1) * META_STRIDE);
      batch.meta[i * META_STRIDE] = size;
      batch.meta[i * META_STRIDE + 1] = flags;
      this.#taken();
    }
    batch.received(count);
    return count || this.#blocked(Ready.READABLE);
  }

  sendBatch(batch: DatagramBatch, most = batch?.length ?? 0): number | WouldBlock {
    this.checkOpen();
    checkBatch(batch);
    if (!Number.isInteger(most) || most < 0) {
      throw new RangeError(`invalid most: ${String(most)} (expected an integer from 0)`);
    }
    batch.took(0);
    const first = batch.sent;
    const end = Math.min(batch.length, first + most);
    while (batch.sent < end) {
      try {
        if (this.#sendMessage(batch, batch.sent) === WouldBlock) break;
      } catch (error) {
        // The earlier messages count as success. The next call throws the same error again.
        if (batch.sent > first) break;
        batch.took(1);
        throw error;
      }
      batch.took(1);
    }
    if (batch.sent === first && first < end) return WouldBlock;
    return batch.sent - first;
  }

  connect(address: SocketAddressLike): void {
    this.checkOpen();
    const peer = toSocketAddress(address);
    this.checkDestination(peer, 'connect');
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
    if (this.peer === undefined) throw this.makeError('ENOTCONN', 'getpeername');
    return this.peer;
  }

  takeError(): SystemError | undefined {
    this.checkOpen();
    const error = this.#error;
    this.#error = undefined;
    this.readiness.clear(Ready.ERROR);
    return error;
  }

  counters(): UdpCounters {
    this.checkOpen();
    const [queueDrops, segmentedHere] = [this.dropped, this.#segmented];
    return { queueDrops, kernelDrops: undefined, errorDrops: 0, segmentedHere };
  }

  close(): void {
    if (this.readiness.closed) return;
    this.readiness.close();
    this.#queue.length = 0;
    this.release();
  }

  /** Queues a datagram that has arrived. `data` belongs to the socket from now on. */
  protected deliver(data: Uint8Array, address: SocketAddress): void {
    if (!this.hasRoom(data.length)) {
      this.dropped++;
      return;
    }
    this.#queue.push({ data, address });
    this.readiness.set(Ready.READABLE);
  }

  /** Reports an error of an earlier datagram. */
  protected report(error: SystemError): void {
    this.#error = error;
    this.readiness.set(Ready.ERROR);
  }

  /** Reports that there is room to send again. */
  protected writable(): void {
    this.readiness.set(Ready.WRITABLE);
  }

  /** The number of datagrams that wait to be received. */
  protected get waiting(): number {
    return this.#queue.length;
  }

  /** Whether the queue has room for a datagram of `size` bytes. */
  protected abstract hasRoom(size: number): boolean;
  /** Called when a datagram of `size` bytes has left the queue. */
  protected abstract made(size: number): void;
  /** Sends a datagram. Returns false if there is no room now. `data` belongs to the backend. */
  protected abstract transmit(data: Uint8Array, to: SocketAddress): boolean;
  /** Called when the socket is closed. */
  protected abstract release(): void;

  /** Checks the destination of a datagram. @throws `EAFNOSUPPORT`, `EINVAL`. */
  protected checkDestination(to: SocketAddress, syscall: string): void {
    if (to.family !== this.local.family) throw this.makeError('EAFNOSUPPORT', syscall, to);
    if (to.port === 0) throw this.makeError('EINVAL', syscall, to);
  }

  #taken(): void {
    this.made((this.#queue.shift() as Datagram).data.length);
  }

  #blocked(direction: Ready): WouldBlock {
    this.readiness.clear(direction);
    return WouldBlock;
  }

  /** Throws the pending error, in the words of the operation that throws it. */
  #throwPending(syscall: string): void {
    const error = this.#error === undefined ? undefined : this.takeError();
    if (error !== undefined) throw this.makeError(error.code, syscall, this.peer);
  }

  #send(data: Uint8Array, to: SocketAddress | undefined): number | WouldBlock {
    this.#throwPending('send');
    if (to !== undefined) {
      this.checkDestination(to, 'send');
      if (this.peer !== undefined) throw this.makeError('EISCONN', 'send', to);
    }
    const address = to ?? this.peer;
    if (address === undefined) throw this.makeError('EDESTADDRREQ', 'send');
    if (data.length > mostBytes(address)) throw this.makeError('EMSGSIZE', 'send', address);
    return this.transmit(data, address) ? data.length : this.#blocked(Ready.WRITABLE);
  }

  #sendMessage(batch: DatagramBatch, i: number): number | WouldBlock {
    if (batch.meta[i * META_STRIDE + 4] !== 0)
      this.refuse('this backend sends all datagrams alike');
    const to = batch.hasAddress(i) ? decodeName(batch.names, i * NAME_STRIDE) : undefined;
    const segment = batch.segmentSize(i);
    while (segment > 0 && batch.size(i) > segment) {
      if (this.#send(batch.view(i).slice(0, segment), to) === WouldBlock) return WouldBlock;
      batch.shorten(i, segment);
      if (batch.size(i) <= segment) this.#segmented++;
    }
    return this.#send(batch.view(i).slice(), to);
  }

  // Registering reports current readiness. The program may have emptied the queue without a final
  // would-block.
  #refresh(): void {
    if (this.#queue.length === 0) this.readiness.clear(Ready.READABLE);
  }
}

/**
 * Returns the most bytes of a datagram to that address. From IPv6 to IPv4, that is the limit of
 * IPv4.
 */
function mostBytes({ address, family }: SocketAddress): number {
  return family === 'IPv6' && !/^::ffff:[\d.]+$/i.test(address) ? MOST.IPv6 : MOST.IPv4;
}
