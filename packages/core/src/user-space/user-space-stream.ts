import { Ready } from '../registration/ready.ts';
import { checkRange, checkReadRange } from '../sockets/byte-range.ts';
import type { StreamSocket } from '../sockets/stream-socket.ts';
import { type SystemError, systemError } from '../system-error.ts';
import { WouldBlock } from '../would-block.ts';
import { UserSpaceSocket } from './user-space-socket.ts';

const ENDED = Ready.READABLE | Ready.READ_CLOSED;
const OVER = Ready.READ_CLOSED | Ready.WRITE_CLOSED;
const FAILED = ENDED | Ready.WRITABLE | Ready.WRITE_CLOSED | Ready.ERROR;

/**
 * A stream in user space, for backends: the life of a connection, with its ends, its errors and its
 * edges. The backend transports the bytes.
 *
 * The backend calls `connected`, `fail` and `endOfPeer`. It sets `READABLE` on `readiness` when
 * bytes have arrived, and `WRITABLE` when there is room again. It implements `look`, `consume`,
 * `send`, `sendEnd` and `release`.
 */
export abstract class UserSpaceStream<Address>
  extends UserSpaceSocket
  implements StreamSocket<Address>
{
  protected state: 'connecting' | 'connected' | 'failed' = 'connecting';
  /** The error that ended the connection attempt. */
  protected connectError: SystemError | undefined;
  /** The error that the program has not received yet. */
  protected error: SystemError | undefined;
  protected peerEnded = false;
  /** Whether the program has ended reading: bytes that arrive may be dropped. */
  protected readShut = false;
  protected writeShut = false;
  protected local: Address | undefined;
  protected remote: Address | undefined;

  finishConnect(): true | WouldBlock {
    this.checkOpen();
    if (this.connectError !== undefined) throw this.connectError;
    return this.state === 'connecting' ? this.block(Ready.WRITABLE) : true;
  }

  read(buffer: Uint8Array, offset = 0, length?: number): number | WouldBlock {
    const size = this.peek(buffer, offset, length);
    if (size !== WouldBlock && size > 0) this.consume(size);
    return size;
  }

  peek(buffer: Uint8Array, offset = 0, length?: number): number | WouldBlock {
    this.checkOpen();
    const room = checkReadRange(buffer, offset, length);
    return this.look(buffer.subarray(offset, offset + room)) || this.nothingToRead();
  }

  readv(buffers: readonly Uint8Array[]): number | WouldBlock {
    this.checkOpen();
    if (sizeOf(buffers) === 0) checkReadRange(new Uint8Array(0), 0, 0);
    let total = 0;
    for (const buffer of buffers) {
      const size = this.look(buffer);
      if (size > 0) this.consume(size);
      total += size;
      if (size < buffer.length) break;
    }
    return total || this.nothingToRead();
  }

  write(buffer: Uint8Array, offset = 0, length?: number): number | WouldBlock {
    this.checkOpen();
    const size = checkRange(buffer, offset, length);
    return this.#send([buffer.subarray(offset, offset + size)], size);
  }

  writev(buffers: readonly Uint8Array[]): number | WouldBlock {
    this.checkOpen();
    return this.#send(buffers, sizeOf(buffers));
  }

  shutdown(how: 'read' | 'write' | 'both'): void {
    this.checkOpen();
    if (how !== 'read' && how !== 'write' && how !== 'both') {
      throw new TypeError(`invalid how: ${String(how)} (expected 'read', 'write' or 'both')`);
    }
    if (this.state !== 'connected') throw systemError('ENOTCONN', 'shutdown');
    if (how !== 'write') {
      this.readShut = true;
      this.readiness.set(ENDED);
    }
    if (how !== 'read' && !this.writeShut) {
      this.writeShut = true;
      this.sendEnd();
    }
    this.#checkOver();
  }

  localAddr(): Address {
    this.checkOpen();
    if (this.local === undefined) throw systemError('ENOTCONN', 'getsockname');
    return this.local;
  }

  peerAddr(): Address {
    this.checkOpen();
    if (this.remote === undefined || this.state !== 'connected') {
      throw systemError('ENOTCONN', 'getpeername');
    }
    return this.remote;
  }

  takeError(): SystemError | undefined {
    this.checkOpen();
    const { error } = this;
    this.error = undefined;
    return error;
  }

  close(): void {
    if (this.readiness.closed) return;
    this.readiness.close();
    this.release(false);
  }

  /** Closes a connection that no program has accepted, so that the peer gets a reset. */
  reset(): void {
    if (this.readiness.closed) return;
    this.readiness.close();
    this.release(true);
  }

  /** Reports that the connection is established. */
  protected connected(local: Address, remote: Address): void {
    this.local = local;
    this.remote = remote;
    this.state = 'connected';
    this.readiness.set(Ready.WRITABLE);
  }

  /** Reports that the attempt failed, or that the connection broke. A second call does nothing. */
  protected fail(error: SystemError): void {
    if (this.state === 'failed') return;
    if (this.state === 'connecting') this.connectError = error;
    this.state = 'failed';
    this.error = error;
    this.readiness.set(FAILED);
  }

  /** Reports that the peer sends nothing after what has arrived. May be called again. */
  protected endOfPeer(): void {
    this.peerEnded = true;
    this.readiness.set(ENDED);
    this.#checkOver();
  }

  /** Copies the first received bytes into `into`, and returns their number. The bytes stay. */
  protected abstract look(into: Uint8Array): number;
  /** Forgets the first `size` received bytes: the program has read them. */
  protected abstract consume(size: number): void;
  /**
   * Takes as many bytes from the front of `bytes` as there is room for, and returns their number.
   * Afterwards, the buffer belongs to the program again.
   */
  protected abstract send(bytes: Uint8Array): number;
  /** Tells the peer that nothing follows what was sent. */
  protected abstract sendEnd(): void;
  /**
   * Called when the stream is closed. The peer gets an end, or a reset if `reset` is true. Closing
   * with unread data is a reset too.
   */
  protected abstract release(reset: boolean): void;

  /** Returns the result of a read when no byte is there. */
  protected nothingToRead(): number | WouldBlock {
    if (this.error !== undefined) throw this.takeError();
    const over = this.peerEnded || this.readShut || this.state === 'failed';
    return over ? 0 : this.block(Ready.READABLE);
  }

  protected block(direction: Ready): WouldBlock {
    this.readiness.clear(direction);
    return WouldBlock;
  }

  #send(buffers: readonly Uint8Array[], size: number): number | WouldBlock {
    if (this.state === 'connecting') return this.block(Ready.WRITABLE);
    if (this.error !== undefined) throw this.takeError();
    if (this.writeShut || this.state === 'failed') throw systemError('EPIPE', 'write');
    let taken = 0;
    for (const bytes of buffers) {
      const part = bytes.length === 0 ? 0 : this.send(bytes);
      taken += part;
      if (part < bytes.length) break;
    }
    return taken > 0 || size === 0 ? taken : this.block(Ready.WRITABLE);
  }

  #checkOver(): void {
    if (this.writeShut && (this.readShut || this.peerEnded)) this.readiness.set(OVER);
  }
}

/** Returns the total size, and checks each buffer. */
function sizeOf(buffers: readonly Uint8Array[]): number {
  return buffers.reduce((sum, buffer) => sum + checkRange(buffer, 0, undefined), 0);
}
