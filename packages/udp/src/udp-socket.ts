import {
  type DatagramBatch,
  type Interest,
  Readiness,
  Ready,
  type ReceivedDatagram,
  type Registry,
  type SendControl,
  type SocketAddress,
  type SocketAddressLike,
  type SocketOptions,
  type SystemError,
  type Token,
  toSocketAddress,
  type UdpBindOptions,
  type UdpCounters,
  type UdpSocket as UdpSocketContract,
  WouldBlock,
} from '@evloop/core';
import {
  captureOrigin,
  checkRange,
  type Inspect,
  inspected,
  inspectSource,
  type Leftover,
  registrationOf,
  systemError,
  unwatchOrigin,
  watchOrigin,
} from '@evloop/core/backend';
import { adoptDgram } from './adopt.ts';
import { emptyBatch, fillBatch } from './batch.ts';
import { bindDgram, checkQueue, checkSocketOptions } from './bind.ts';
import { DgramOptions } from './dgram-options.ts';
import { Endpoint } from './endpoint.ts';
import { canonical, checkZone, literal } from './interfaces.ts';
import { KnownAddresses } from './known-addresses.ts';
import { OptionMethods } from './option-methods.ts';
import { ReceiveQueue } from './receive-queue.ts';
import { checkAddress, sendOne, throwPending } from './send.ts';
import { localAddress, told } from './told-address.ts';
import { checkControl, checkInterest } from './unsupported.ts';

/**
 * A UDP socket on `node:dgram`, which registers with the poll of any backend.
 *
 * Node delivers datagrams as they arrive, and cannot be paused. So they wait in a queue here, with
 * the limits of the bind option `queue`.
 */
export class UdpSocket extends OptionMethods implements UdpSocketContract {
  override readonly [registrationOf]: Readiness;
  readonly #readiness: Readiness;
  readonly #endpoint: Endpoint;
  readonly #options: DgramOptions;
  readonly #local: SocketAddress;
  readonly #leftover: Leftover;
  readonly #known = new KnownAddresses();
  #truncated = false;

  private constructor(endpoint: Endpoint, options: SocketOptions, leftover: Leftover) {
    super();
    this.#local = localAddress(endpoint);
    this.#options = new DgramOptions(endpoint.dgram, endpoint.family, options);
    this.#readiness = this[registrationOf] = new Readiness(this);
    this.#endpoint = endpoint;
    this.#leftover = leftover;
    watchOrigin(this, leftover);
  }

  static override async bind(
    address: SocketAddressLike,
    options: UdpBindOptions = {},
  ): Promise<UdpSocket> {
    const origin = captureOrigin('UdpSocket bound', UdpSocket.bind);
    const wanted = toSocketAddress(address);
    const socketOptions = checkSocketOptions(options.socket);
    const { datagrams, bytes } = checkQueue(options);
    checkZone(wanted, 'bind');
    const dgram = await bindDgram(wanted, literal(wanted.address), socketOptions);
    const endpoint = new Endpoint(dgram, new ReceiveQueue(datagrams, bytes), wanted.family);
    const leftover = { origin, release: () => endpoint.close() };
    const socket = new UdpSocket(endpoint, socketOptions, leftover);
    for (const name of ['recvBufferSize', 'sendBufferSize'] as const) {
      const size = socketOptions[name];
      if (size !== undefined) socket.setSocketOption(name, size);
    }
    return socket;
  }

  /**
   * Takes over a UDP socket: see the contract.
   *
   * @throws EVLOOP_UNSUPPORTED: also for a connected socket, and for descriptor 0.
   */
  static async fromFd(fd: number): Promise<UdpSocket> {
    const origin = captureOrigin('UdpSocket adopted', UdpSocket.fromFd);
    const { dgram, family } = await adoptDgram(fd);
    const { datagrams, bytes } = checkQueue({});
    const endpoint = new Endpoint(dgram, new ReceiveQueue(datagrams, bytes), family);
    // libuv sets SO_REUSEADDR on a socket that it takes over.
    return new UdpSocket(
      endpoint,
      { reuseAddr: true },
      { origin, release: () => endpoint.close() },
    );
  }

  /** What `console.log` prints. */
  [inspected](_depth: number, options: object, inspect?: Inspect): string {
    return inspectSource(this, this.#readiness, options, inspect);
  }

  override register(registry: Registry, token: Token, interest: Interest): void {
    checkInterest(interest);
    this.#refresh();
    super.register(registry, token, interest);
    // The endpoint is never collected while it is open. It must reference this socket no longer
    // than the registry does.
    this.#endpoint.readiness = this.#readiness;
  }

  override reregister(registry: Registry, token: Token, interest: Interest): void {
    checkInterest(interest);
    this.#refresh();
    super.reregister(registry, token, interest);
  }

  override deregister(registry: Registry): void {
    super.deregister(registry);
    this.#endpoint.readiness = undefined;
  }

  recvFrom(buffer: Uint8Array, offset = 0, length?: number): ReceivedDatagram | WouldBlock {
    const size = this.#peek(buffer, offset, length);
    if (size === WouldBlock) return WouldBlock;
    const datagram = this.#describe(size);
    this.#endpoint.queue.shift();
    return datagram;
  }

  peekFrom(buffer: Uint8Array, offset = 0, length?: number): ReceivedDatagram | WouldBlock {
    const size = this.#peek(buffer, offset, length);
    return size === WouldBlock ? WouldBlock : this.#describe(size);
  }

  recv(buffer: Uint8Array, offset = 0, length?: number): number | WouldBlock {
    const size = this.#peek(buffer, offset, length);
    if (size !== WouldBlock) this.#endpoint.queue.shift();
    return size;
  }

  peek(buffer: Uint8Array, offset = 0, length?: number): number | WouldBlock {
    return this.#peek(buffer, offset, length);
  }

  get truncated(): boolean {
    return this.#truncated;
  }

  sendTo(
    buffer: Uint8Array,
    address: SocketAddressLike,
    offset = 0,
    length?: number,
    control?: SendControl,
  ): number | WouldBlock {
    this.#readiness.checkOpen();
    const size = checkRange(buffer, offset, length);
    const to = this.#known.check(address);
    if (control !== undefined) checkControl(control);
    return this.#sent(sendOne(this.#endpoint, buffer, offset, size, to));
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
    this.#readiness.checkOpen();
    const size = checkRange(buffer, offset, length);
    if (control !== undefined) checkControl(control);
    return this.#sent(sendOne(this.#endpoint, buffer, offset, size, undefined));
  }

  recvBatch(batch: DatagramBatch): number | WouldBlock {
    this.#readiness.checkOpen();
    return fillBatch(this.#endpoint, batch) || this.#drained();
  }

  sendBatch(batch: DatagramBatch, most = Number.POSITIVE_INFINITY): number | WouldBlock {
    this.#readiness.checkOpen();
    return this.#sent(emptyBatch(this.#endpoint, batch, most));
  }

  connect(address: SocketAddressLike): void {
    this.#readiness.checkOpen();
    const peer = toSocketAddress(address);
    checkAddress(this.#endpoint, peer, 'connect');
    this.#endpoint.connect(canonical(peer));
  }

  disconnect(): void {
    this.#readiness.checkOpen();
    if (this.#endpoint.peer === undefined) throw systemError('ENOTCONN', 'connect');
    this.#endpoint.disconnect();
  }

  localAddr(): SocketAddress {
    this.#readiness.checkOpen();
    // The system chooses an address while the socket is connected.
    return this.#endpoint.linked ? localAddress(this.#endpoint) : { ...this.#local };
  }

  peerAddr(): SocketAddress {
    this.#readiness.checkOpen();
    if (this.#endpoint.peer === undefined) throw systemError('ENOTCONN', 'getpeername');
    return { ...this.#endpoint.peer };
  }

  takeError(): SystemError | undefined {
    this.#readiness.checkOpen();
    return this.#endpoint.take(true, 'recvmsg');
  }

  counters(): UdpCounters {
    this.#readiness.checkOpen();
    const { queue, segmentedHere } = this.#endpoint;
    return { queueDrops: queue.drops, kernelDrops: undefined, errorDrops: 0, segmentedHere };
  }

  close(): void {
    if (this.#readiness.closed) return;
    this.#readiness.close();
    unwatchOrigin(this.#leftover);
    this.#endpoint.readiness = undefined;
    this.#endpoint.close();
  }

  [Symbol.dispose](): void {
    this.close();
  }

  protected get options(): DgramOptions {
    this.#readiness.checkOpen();
    return this.#options;
  }

  /** Copies the oldest datagram, and returns how many bytes fit. */
  #peek(buffer: Uint8Array, offset: number, length: number | undefined): number | WouldBlock {
    this.#readiness.checkOpen();
    const room = checkRange(buffer, offset, length);
    const endpoint = this.#endpoint;
    if (endpoint.failed) throwPending(endpoint, false);
    if (endpoint.queue.length === 0) return this.#drained();
    const data = endpoint.queue.data;
    this.#truncated = data.length > room;
    buffer.set(this.#truncated ? data.subarray(0, room) : data, offset);
    return this.#truncated ? room : data.length;
  }

  #describe(size: number): ReceivedDatagram {
    const { family, queue } = this.#endpoint;
    const { address, port } = queue.sender;
    return { size, address: told({ address, port, family }), truncated: this.#truncated };
  }

  #drained(): WouldBlock {
    this.#readiness.clear(Ready.READABLE);
    return WouldBlock;
  }

  // Registering reports current readiness. The program may have emptied the queue without a final
  // would-block, or datagrams arrived while the socket was not registered.
  #refresh(): void {
    const { condition } = this.#endpoint;
    this.#readiness.clear(~condition & (Ready.READABLE | Ready.WRITABLE | Ready.ERROR));
    this.#readiness.set(condition);
  }

  #sent(result: number | WouldBlock): number | WouldBlock {
    if (result === WouldBlock) this.#readiness.clear(Ready.WRITABLE);
    return result;
  }
}
