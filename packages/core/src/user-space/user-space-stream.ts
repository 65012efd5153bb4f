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
 * edges. What carries the bytes is the backend's.
 *
 * It is told what happens, by `connected`, `fail`, `endOfPeer`, and on `readiness` that bytes have
 * come (`READABLE`) or that there is room again (`WRITABLE`). And it asks for what is to be done:
 * `look` and `consume`, `send`, `sendEnd`, `release`.
 */
export abstract class UserSpaceStream<Address>
  extends UserSpaceSocket
  implements StreamSocket<Address>
{
  protected state: 'connecting' | 'connected' | 'failed' = 'connecting';
  /** Why it did not come about. */
  protected connectError: SystemError | undefined;
  /** What the program has not been told yet. */
  protected error: SystemError | undefined;
  protected peerEnded = false;
  /** The program reads no more: what comes may be dropped. */
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

  /** Closes it so that the peer learns of a reset: for connections that nobody accepted. */
  reset(): void {
    if (this.readiness.closed) return;
    this.readiness.close();
    this.release(true);
  }

  /** The connection is there. */
  protected connected(local: Address, remote: Address): void {
    this.local = local;
    this.remote = remote;
    this.state = 'connected';
    this.readiness.set(Ready.WRITABLE);
  }

  /** It did not come about, or it broke. Does nothing the second time. */
  protected fail(error: SystemError): void {
    if (this.state === 'failed') return;
    if (this.state === 'connecting') this.connectError = error;
    this.state = 'failed';
    this.error = error;
    this.readiness.set(FAILED);
  }

  /** Behind what has come there will be no more. May be said again. */
  protected endOfPeer(): void {
    this.peerEnded = true;
    this.readiness.set(ENDED);
    this.#checkOver();
  }

  /** Copies the first of what has come into `into`, and answers how much; it stays. */
  protected abstract look(into: Uint8Array): number;
  /** Forgets the first `size` bytes of what has come: they were read. */
  protected abstract consume(size: number): void;
  /**
   * Takes from the front of `bytes` what there is room for, and answers how much. They are the
   * program's again afterwards.
   */
  protected abstract send(bytes: Uint8Array): number;
  /** Lets the peer know that behind what was sent there will be no more. */
  protected abstract sendEnd(): void;
  /**
   * It was closed: the peer learns of an end, or of a reset, which is also what closing with unread
   * data is.
   */
  protected abstract release(reset: boolean): void;

  /** What a read comes to when nothing is there. */
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

/** The number of bytes in all, each buffer checked. */
function sizeOf(buffers: readonly Uint8Array[]): number {
  return buffers.reduce((sum, buffer) => sum + checkRange(buffer, 0, undefined), 0);
}
