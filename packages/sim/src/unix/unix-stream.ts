import { Ready, type UnixAddress, type UnixStream, type WouldBlock } from '@evloop/core';
import { linuxError } from '@evloop/core/backend';
import { SimStream } from '../backend/sim-stream.ts';
import { ByteStream } from '../tcp/byte-stream.ts';

/** How many bytes may wait in one direction (`net.core.wmem_default`). */
const BUFFER = 212_992;

/**
 * A Unix stream of a simulated process. Bytes arrive at once: nothing is between two processes of
 * one host.
 */
export class SimUnixStream extends SimStream<UnixAddress> implements UnixStream {
  readonly #incoming = new ByteStream(0);
  #peer: SimUnixStream | undefined;
  #blocked = false;
  #written = 0;

  get label(): string {
    return `Unix stream ${this.serial}`;
  }

  get unread(): number {
    return this.#incoming.length;
  }

  get endUnread(): boolean {
    return this.peerEnded;
  }

  /** Connects two streams. */
  static join(one: SimUnixStream, other: SimUnixStream, path: UnixAddress): void {
    one.#peer = other;
    other.#peer = one;
    one.connected('', path);
    other.connected(path, '');
  }

  // As the system does, it knows whose the other end was when that is gone.
  override peerAddr(): UnixAddress {
    this.checkOpen();
    if (this.remote === undefined) throw linuxError('ENOTCONN', 'getpeername');
    return this.remote;
  }

  override shutdown(how: 'read' | 'write' | 'both'): void {
    super.shutdown(how);
    // unix_shutdown: the peer of a socket that reads no more can write no more.
    if (how !== 'write') this.#peer?.readiness.set(Ready.WRITABLE);
  }

  peerCredentials(): never {
    return this.refuse('a simulated host has no users');
  }

  writeWithFds(): never {
    return this.refuse('a simulated host passes no descriptors');
  }

  readWithFds(): never {
    return this.refuse('a simulated host passes no descriptors');
  }

  protected look(into: Uint8Array): number {
    if (this.#incoming.length === 0) return 0;
    const { start, length } = this.#incoming;
    return this.#incoming.copyTo(this.process.shorten(this.#key('read'), start, into, length));
  }

  protected consume(size: number): void {
    this.#incoming.dropUntil(this.#incoming.start + size);
    const peer = this.#peer;
    // unix_writable: a quarter of the buffer may be in use.
    if (peer !== undefined && this.#incoming.length * 4 <= BUFFER) peer.#hasRoom();
  }

  protected send(bytes: Uint8Array): number {
    const peer = this.#peer;
    if (peer === undefined || peer.readiness.closed || peer.readShut) {
      this.#broken(linuxError('EPIPE', 'write'));
    }
    const to = peer as SimUnixStream;
    const part = this.process.shorten(this.#key('write'), this.#written, bytes);
    const size = Math.min(part.length, BUFFER - to.#incoming.length);
    if (size <= 0) return 0;
    to.#incoming.append(part.slice(0, size));
    this.#written += size;
    to.readiness.set(Ready.READABLE);
    return size;
  }

  protected sendEnd(): void {
    this.#peer?.endOfPeer();
  }

  protected release(reset: boolean): void {
    this.released();
    const peer = this.#peer;
    if (peer === undefined || peer.readiness.closed) return;
    peer.#blocked = false;
    if (reset || this.#incoming.length > 0) peer.fail(linuxError('ECONNRESET', 'read'));
    else peer.#gone();
  }

  protected override block(direction: Ready): WouldBlock {
    if (direction === Ready.WRITABLE) this.#blocked = true;
    return super.block(direction);
  }

  protected override nothingToRead(): number | WouldBlock {
    if (this.peerEnded && this.error === undefined) return 0;
    return super.nothingToRead();
  }

  #hasRoom(): void {
    if (!this.#blocked) return;
    this.#blocked = false;
    this.readiness.set(Ready.WRITABLE);
  }

  #gone(): void {
    this.endOfPeer();
    this.readiness.set(Ready.READ_CLOSED | Ready.WRITE_CLOSED | Ready.WRITABLE);
  }

  #broken(error: Error): never {
    this.readiness.set(Ready.WRITE_CLOSED);
    throw error;
  }

  #key(what: string): string {
    return `${this.process.host.name} Unix stream ${this.serial}: ${what} cut short?`;
  }
}
