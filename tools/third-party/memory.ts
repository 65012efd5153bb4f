// TCP in this process's memory, as somebody writes it who has the README of @evloop/conformance and the docstrings of
// @evloop/core, and nothing else. Datagrams are those of @evloop/udp, whose socket registers with any poll.
import { constants } from 'node:os';
import * as core from '@evloop/core';
import { Ready, WouldBlock } from '@evloop/core';
import { udpSupports } from '@evloop/udp';

export { ChannelRemoteWaker as RemoteWaker } from '@evloop/core';
export { UdpSocket } from '@evloop/udp';

export const name = 'memory';
export const supports: core.Supports = {
  ...{ pollSync: false, descriptors: false, priority: false, tcpTtl: false, adoptFd: false },
  ...{ closeBehindBacklog: true, acceptRecovery: false, tcpReusePort: false, nestedPoll: false },
  ...{ levelMode: true, oneshotMode: true, exclusiveMode: false, wakerHandles: true },
  ...{ unixStreams: false, abstractNames: false, unixPair: false, unixReset: false },
  ...{ peerCredentials: false, fdPassing: false, rawOptions: false },
  ...{ tcpStreamOptions: [], tcpListenerOptions: [], unixOptions: [] },
  ...udpSupports,
};

const missing = (): never => {
  throw core.unsupportedError('memory has no descriptors and no Unix sockets');
};
export const UnixListener = { bind: missing, fromFd: missing };
export const UnixStream = { connect: missing, pair: missing, fromFd: missing };

export class Poll extends core.Poll {
  constructor() {
    super(new core.UserSpaceSelector());
  }
}

type Register = Parameters<core.Source['register']>;
type Size = number | core.WouldBlock;
const ENDED = Ready.READABLE | Ready.READ_CLOSED;
const OVER = ENDED | Ready.WRITABLE | Ready.WRITE_CLOSED;
const WINDOW = 64 * 1024;
const listeners = new Map<number, TcpListener>();
let nextPort = 49152;

function systemError(code: string, syscall: string, at?: core.SocketAddress): core.SystemError {
  const errno = -constants.errno[code as 'EPIPE'];
  const { address, port } = at ?? {};
  const where = at === undefined ? {} : { address, port };
  const message = `${syscall} ${code}${at === undefined ? '' : ` ${address}:${port}`}`;
  return Object.assign(new Error(message), { code, errno, syscall, ...where }) as core.SystemError;
}

abstract class Socket implements core.Source {
  readonly readiness: core.Readiness = new core.Readiness(this);
  get [core.registrationOf](): core.Readiness {
    return this.readiness;
  }
  register(...call: Register): void {
    if (call[2] & core.Interest.PRIORITY) throw core.unsupportedError('nothing is urgent');
    this.readiness.register(...call);
  }
  reregister(...call: Register): void {
    if (call[2] & core.Interest.PRIORITY) throw core.unsupportedError('nothing is urgent');
    this.readiness.reregister(...call);
  }
  deregister(registry: core.Registry): void {
    this.readiness.deregister(registry);
  }
  ttl(): number {
    this.readiness.checkOpen();
    throw core.unsupportedError('memory has no hops');
  }
  setTtl(_hops: number): void {
    this.ttl();
  }
  socketOption(name: core.SocketOptionName): never {
    this.readiness.checkOpen();
    core.checkSocketOptionName(name, []);
    return this.getOption();
  }
  setSocketOption(name: core.SocketOptionName, _value: unknown): void {
    this.socketOption(name);
  }
  getOption(): never {
    this.readiness.checkOpen();
    throw core.unsupportedError('memory has no options');
  }
  setOption(): void {
    this.getOption();
  }
  abstract close(): void;
  [Symbol.dispose](): void {
    this.close();
  }
}

export class TcpListener extends Socket implements core.TcpListener {
  readonly #queue: TcpStream[] = [];
  readonly address: core.SocketAddress;

  private constructor(address: core.SocketAddress) {
    super();
    this.address = address;
  }
  static bind(input: core.SocketAddressLike, options?: core.TcpBindOptions): TcpListener {
    const { backlog = 511 } = options ?? {};
    core.givenSocketOptions(options?.socket, []);
    if (options?.reusePort) throw core.unsupportedError('memory has no reusePort');
    if (!(Number.isInteger(backlog) && backlog > 0 && backlog < 65536)) throw new RangeError();
    const wanted = core.toSocketAddress(input);
    const address = { ...wanted, port: wanted.port || nextPort++ };
    if (listeners.has(address.port)) throw systemError('EADDRINUSE', 'bind', wanted);
    const listener = new TcpListener(address);
    listeners.set(address.port, listener);
    return listener;
  }
  static readonly fromFd = missing;
  arrive(stream: TcpStream): void {
    this.#queue.push(stream);
    this.readiness.set(Ready.READABLE);
  }
  accept(): TcpStream | core.WouldBlock {
    this.readiness.checkOpen();
    const stream = this.#queue.shift();
    if (stream === undefined) this.readiness.clear(Ready.READABLE);
    return stream ?? WouldBlock;
  }
  localAddr(): core.SocketAddress {
    this.readiness.checkOpen();
    return this.address;
  }
  takeError(): undefined {
    this.readiness.checkOpen();
  }
  close(): void {
    if (this.readiness.closed) return;
    this.readiness.close();
    listeners.delete(this.address.port);
    for (const stream of this.#queue) stream.reset();
  }
}

export class TcpStream extends Socket implements core.TcpStream {
  #connected: boolean | undefined;
  #connectError: core.SystemError | undefined;
  #error: core.SystemError | undefined;
  #peer: TcpStream | undefined;
  #local: core.SocketAddress | undefined;
  #remote: core.SocketAddress | undefined;
  #incoming: Uint8Array = new Uint8Array(0);
  #peerEnded = false;
  #readShut = false;
  #writeShut = false;
  #nodelay = false;

  static readonly fromFd = missing;
  static connect(to: core.SocketAddressLike, options?: core.TcpConnectOptions): TcpStream {
    const remote = core.toSocketAddress(to);
    core.givenSocketOptions(options?.socket, []);
    const stream = new TcpStream();
    stream.#nodelay = options?.nodelay ?? false;
    queueMicrotask(() => stream.#arriveAt(remote));
    return stream;
  }
  #arriveAt(remote: core.SocketAddress): void {
    if (this.readiness.closed) return;
    const listener = listeners.get(remote.port);
    if (listener?.address.family !== remote.family) {
      this.#connectError = systemError('ECONNREFUSED', 'connect', remote);
      this.fail(this.#connectError);
      return;
    }
    const accepted = new TcpStream();
    const local = { ...remote, port: nextPort++ };
    this.#link(accepted, local, remote);
    accepted.#link(this, remote, local);
    listener.arrive(accepted);
  }
  #link(peer: TcpStream, local: core.SocketAddress, remote: core.SocketAddress): void {
    [this.#peer, this.#local, this.#remote] = [peer, local, remote];
    this.#connected = true;
    this.readiness.set(Ready.WRITABLE);
  }
  fail(error: core.SystemError): void {
    if (this.#connected === false) return;
    this.#connected = false;
    this.#error = error;
    this.readiness.set(OVER | Ready.ERROR);
  }
  #block(bits: core.Ready): core.WouldBlock {
    this.readiness.clear(bits);
    return WouldBlock;
  }
  finishConnect(): true | core.WouldBlock {
    this.readiness.checkOpen();
    if (this.#connectError !== undefined) throw this.#connectError;
    return this.#connected === undefined ? this.#block(Ready.WRITABLE) : true;
  }
  peek(buffer: Uint8Array, offset = 0, length?: number): Size {
    this.readiness.checkOpen();
    const size = Math.min(core.checkReadRange(buffer, offset, length), this.#incoming.length);
    buffer.set(this.#incoming.subarray(0, size), offset);
    if (size > 0) return size;
    if (this.#error !== undefined) throw this.takeError();
    const over = this.#peerEnded || this.#readShut || this.#connected === false;
    return over ? 0 : this.#block(Ready.READABLE);
  }
  read(buffer: Uint8Array, offset = 0, length?: number): Size {
    const size = this.peek(buffer, offset, length);
    if (size === WouldBlock || size === 0) return size;
    this.#incoming = this.#incoming.slice(size);
    this.#peer?.readiness.set(Ready.WRITABLE);
    return size;
  }
  readv(buffers: readonly Uint8Array[]): Size {
    for (const buffer of buffers) core.checkRange(buffer, 0, undefined);
    const joined = new Uint8Array(buffers.reduce((sum, { length }) => sum + length, 0));
    const size = this.read(joined);
    let at = 0;
    for (const buffer of typeof size === 'number' ? buffers : []) {
      buffer.set(joined.subarray(at, Math.min(at + buffer.length, size as number)));
      at = Math.min(at + buffer.length, size as number);
    }
    return size;
  }
  write(buffer: Uint8Array, offset = 0, length?: number): Size {
    this.readiness.checkOpen();
    const wanted = core.checkRange(buffer, offset, length);
    if (this.#connected === undefined) return this.#block(Ready.WRITABLE);
    if (this.#error !== undefined) throw this.takeError();
    if (this.#writeShut || !this.#connected) throw systemError('EPIPE', 'write');
    const peer = this.#peer as TcpStream;
    if (peer.readiness.closed) this.fail(systemError('EPIPE', 'write'));
    if (wanted === 0 || peer.readiness.closed || peer.#readShut) return wanted;
    const size = Math.min(wanted, WINDOW - peer.#incoming.length);
    if (size === 0) return this.#block(Ready.WRITABLE);
    const joined = new Uint8Array(peer.#incoming.length + size);
    joined.set(peer.#incoming);
    joined.set(buffer.subarray(offset, offset + size), peer.#incoming.length);
    peer.#incoming = joined;
    peer.readiness.set(Ready.READABLE);
    return size;
  }
  writev(buffers: readonly Uint8Array[]): Size {
    for (const buffer of buffers) core.checkRange(buffer, 0, undefined);
    return this.write(Uint8Array.from(buffers.flatMap((buffer) => [...buffer])));
  }
  shutdown(how: 'read' | 'write' | 'both'): void {
    this.readiness.checkOpen();
    if (!['read', 'write', 'both'].includes(how)) throw new TypeError(`${how} is no side`);
    if (!this.#connected) throw systemError('ENOTCONN', 'shutdown');
    this.#readShut ||= how !== 'write';
    if (this.#readShut) this.readiness.set(ENDED);
    if (how !== 'read' && !this.#writeShut) this.#peer?.hearEnd();
    this.#writeShut ||= how !== 'read';
    this.#checkOver();
  }
  hearEnd(): void {
    this.#peerEnded = true;
    this.readiness.set(ENDED);
    this.#checkOver();
  }
  #checkOver(): void {
    if (this.#writeShut && (this.#readShut || this.#peerEnded)) this.readiness.set(OVER);
  }
  localAddr(): core.SocketAddress {
    this.readiness.checkOpen();
    if (this.#local === undefined) throw systemError('ENOTCONN', 'getsockname');
    return this.#local;
  }
  peerAddr(): core.SocketAddress {
    this.readiness.checkOpen();
    if (!this.#connected) throw systemError('ENOTCONN', 'getpeername');
    return this.#remote as core.SocketAddress;
  }
  takeError(): core.SystemError | undefined {
    this.readiness.checkOpen();
    const error = this.#error;
    this.#error = undefined;
    return error;
  }
  nodelay(): boolean {
    this.readiness.checkOpen();
    return this.#nodelay;
  }
  setNodelay(on: boolean): void {
    this.readiness.checkOpen();
    this.#nodelay = on;
  }
  close(): void {
    if (this.readiness.closed) return;
    this.readiness.close();
    if (this.#connected && this.#incoming.length > 0) this.reset();
    else if (this.#connected && !this.#writeShut) this.#peer?.hearEnd();
  }
  reset(): void {
    this.readiness.close();
    this.#peer?.fail(systemError('ECONNRESET', 'read'));
  }
}
