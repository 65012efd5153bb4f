// Not a reference: the smallest correct stream that the suite can be tried on. It lives in this process's memory,
// knows one host, and is written for brevity.
import {
  checkRange,
  checkReadRange,
  checkSocketOptionName,
  closedError,
  Interest,
  type Readiness,
  Ready,
  type Registry,
  registrationOf,
  type SocketAddress,
  type SocketOptionName,
  type StreamSocket,
  type SystemError,
  type TcpStream,
  type Token,
  unsupportedError,
  WouldBlock,
} from '@evloop/core';

const WINDOW = 64 * 1024;
const FAILED =
  Ready.READABLE | Ready.WRITABLE | Ready.ERROR | Ready.READ_CLOSED | Ready.WRITE_CLOSED;
const ERRNO: Record<string, number> = {
  ENOENT: -2,
  EPIPE: -32,
  EINVAL: -22,
  EDESTADDRREQ: -89,
  EMSGSIZE: -90,
  EAFNOSUPPORT: -97,
  EADDRINUSE: -98,
  EADDRNOTAVAIL: -99,
  ECONNRESET: -104,
  EISCONN: -106,
  ENOTCONN: -107,
  ECONNREFUSED: -111,
};

export function systemError(
  code: string,
  syscall: string,
  at?: SocketAddress | string,
): SystemError {
  const fields = { code, errno: ERRNO[code] as number, syscall };
  const more =
    typeof at === 'object' ? { address: at.address, port: at.port } : at ? { address: at } : {};
  const where = typeof at === 'object' ? ` ${at.address}:${at.port}` : at ? ` ${at}` : '';
  return Object.assign(new Error(`${syscall} ${code}${where}`), fields, more);
}

/** What both kinds of socket share: the registration, and what this backend cannot do. */
export abstract class MemorySocket {
  readonly readiness: Readiness;

  constructor(readiness: typeof Readiness) {
    this.readiness = new readiness(this);
  }
  get [registrationOf](): Readiness {
    return this.readiness;
  }
  register(registry: Registry, token: Token, interest: Interest): void {
    checkPriority(interest);
    this.readiness.register(registry, token, interest);
  }
  reregister(registry: Registry, token: Token, interest: Interest): void {
    checkPriority(interest);
    this.readiness.reregister(registry, token, interest);
  }
  deregister(registry: Registry): void {
    this.readiness.deregister(registry);
  }
  socketOption(name: SocketOptionName): never {
    this.checkOpen();
    checkSocketOptionName(name, []);
    return this.getOption();
  }
  setSocketOption(name: SocketOptionName, _value: unknown): void {
    this.socketOption(name);
  }
  getOption(): never {
    this.checkOpen();
    throw unsupportedError('memory has no options');
  }
  setOption(): void {
    this.getOption();
  }
  abstract close(): void;
  [Symbol.dispose](): void {
    this.close();
  }
  protected checkOpen(): void {
    if (this.readiness.closed) throw closedError('the socket');
  }
}

function checkPriority(interest: Interest): void {
  if ((interest & Interest.PRIORITY) !== 0) throw unsupportedError('memory has no urgent data');
}

export abstract class MemoryStreamSocket<Address>
  extends MemorySocket
  implements StreamSocket<Address>
{
  state: 'connecting' | 'connected' | 'failed' = 'connecting';
  protected error: SystemError | undefined;
  protected connectError: SystemError | undefined;
  protected incoming: Uint8Array = new Uint8Array(0);
  protected peer: MemoryStreamSocket<Address> | undefined;
  protected peerEnded = false;
  protected readShut = false;
  protected writeShut = false;
  #local: Address | undefined;
  #remote: Address | undefined;

  link(peer: MemoryStreamSocket<Address>, local: Address, remote: Address): void {
    this.peer = peer;
    this.#local = local;
    this.#remote = remote;
    this.state = 'connected';
    this.readiness.set(Ready.WRITABLE);
  }

  fail(error: SystemError): void {
    if (this.state === 'failed') return;
    if (this.state === 'connecting') this.connectError = error;
    this.state = 'failed';
    this.error = error;
    this.readiness.set(FAILED);
  }

  finishConnect(): true | WouldBlock {
    this.checkOpen();
    if (this.connectError !== undefined) throw this.connectError;
    return this.state === 'connecting' ? this.block(Ready.WRITABLE) : true;
  }

  read(buffer: Uint8Array, offset = 0, length?: number): number | WouldBlock {
    const size = this.peek(buffer, offset, length);
    if (size === WouldBlock || size === 0) return size;
    this.incoming = this.incoming.slice(size);
    this.peer?.readiness.set(Ready.WRITABLE);
    return size;
  }

  readv(buffers: readonly Uint8Array[]): number | WouldBlock {
    for (const buffer of buffers) checkRange(buffer, 0, undefined);
    const joined = new Uint8Array(buffers.reduce((sum, buffer) => sum + buffer.length, 0));
    const size = this.read(joined);
    let from = 0;
    for (const buffer of buffers) {
      const to = Math.min(from + buffer.length, typeof size === 'number' ? size : 0);
      if (to > from) buffer.set(joined.subarray(from, to));
      from += buffer.length;
    }
    return size;
  }

  peek(buffer: Uint8Array, offset = 0, length?: number): number | WouldBlock {
    this.checkOpen();
    const size = Math.min(checkReadRange(buffer, offset, length), this.incoming.length);
    if (size === 0) return this.nothingToRead();
    buffer.set(this.incoming.subarray(0, size), offset);
    return size;
  }

  write(buffer: Uint8Array, offset = 0, length?: number): number | WouldBlock {
    this.checkOpen();
    const wanted = checkRange(buffer, offset, length);
    if (this.state === 'connecting') return this.block(Ready.WRITABLE);
    if (this.error !== undefined) throw this.takeError();
    if (this.writeShut || this.state === 'failed') throw systemError('EPIPE', 'write');
    const peer = this.peer as MemoryStreamSocket<Address>;
    const size = Math.min(wanted, WINDOW - peer.incoming.length);
    if (wanted === 0) return 0;
    if (size === 0) return this.block(Ready.WRITABLE);
    this.deliver(peer, buffer.slice(offset, offset + size));
    return size;
  }

  writev(buffers: readonly Uint8Array[]): number | WouldBlock {
    for (const buffer of buffers) checkRange(buffer, 0, undefined);
    return this.write(Uint8Array.from(buffers.flatMap((buffer) => [...buffer])));
  }

  shutdown(how: 'read' | 'write' | 'both'): void {
    this.checkOpen();
    if (!['read', 'write', 'both'].includes(how)) throw new TypeError('a side, please');
    if (this.state !== 'connected') throw systemError('ENOTCONN', 'shutdown');
    if (how !== 'write') {
      this.readShut = true;
      this.readiness.set(Ready.READABLE | Ready.READ_CLOSED);
    }
    if (how !== 'read' && !this.writeShut) {
      this.writeShut = true;
      this.peer?.endOfPeer();
    }
    this.checkOver();
  }

  localAddr(): Address {
    this.checkOpen();
    if (this.#local === undefined) throw systemError('ENOTCONN', 'getsockname');
    return this.#local;
  }

  peerAddr(): Address {
    this.checkOpen();
    if (this.#remote === undefined) throw systemError('ENOTCONN', 'getpeername');
    return this.#remote;
  }

  takeError(): SystemError | undefined {
    this.checkOpen();
    const error = this.error;
    this.error = undefined;
    return error;
  }

  close(): void {
    if (this.readiness.closed) return;
    this.readiness.close();
    const peer = this.peer;
    if (peer === undefined || this.state !== 'connected') return;
    if (this.incoming.length > 0) peer.fail(systemError('ECONNRESET', 'read'));
    else if (!this.writeShut) peer.endOfPeer();
  }

  /** Closes without having read: for connections that nobody accepted. */
  reset(): void {
    this.peer?.fail(systemError('ECONNRESET', 'read'));
    this.readiness.close();
  }

  protected deliver(peer: MemoryStreamSocket<Address>, bytes: Uint8Array): void {
    if (peer.readiness.closed) this.fail(systemError('EPIPE', 'write'));
    if (peer.readiness.closed || peer.readShut) return;
    const joined = new Uint8Array(peer.incoming.length + bytes.length);
    joined.set(peer.incoming);
    joined.set(bytes, peer.incoming.length);
    peer.incoming = joined;
    peer.readiness.set(Ready.READABLE);
  }

  protected endOfPeer(): void {
    this.peerEnded = true;
    this.readiness.set(Ready.READABLE | Ready.READ_CLOSED);
    this.checkOver();
  }

  protected nothingToRead(): number | WouldBlock {
    if (this.error !== undefined) throw this.takeError();
    if (this.peerEnded || this.readShut || this.state === 'failed') return 0;
    return this.block(Ready.READABLE);
  }

  protected block(bits: Ready): WouldBlock {
    this.readiness.clear(bits);
    return WouldBlock;
  }

  private checkOver(): void {
    if (this.writeShut && (this.readShut || this.peerEnded)) {
      this.readiness.set(Ready.READ_CLOSED | Ready.WRITE_CLOSED);
    }
  }
}

export class MemoryStream extends MemoryStreamSocket<SocketAddress> implements TcpStream {
  #nodelay = false;

  override peerAddr(): SocketAddress {
    const remote = super.peerAddr();
    if (this.state !== 'connected') throw systemError('ENOTCONN', 'getpeername');
    return remote;
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
    this.checkOpen();
    throw unsupportedError('memory has no hops');
  }
  setTtl(_hops: number): void {
    this.ttl();
  }
}
