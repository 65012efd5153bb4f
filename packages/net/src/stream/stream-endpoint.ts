import type { Socket } from 'node:net';
import {
  type Interest,
  Ready,
  type Registry,
  type SystemError,
  type Token,
  WouldBlock,
} from '@evloop/core';
import { type Origin, systemError } from '@evloop/core/backend';
import { Endpoint } from '../socket/endpoint.ts';
import { restate } from '../socket/system-error.ts';
import { supports } from '../supports.ts';
import { lookBehindEnd } from './behind-end.ts';
import { linger } from './linger.ts';
import { ReceiveQueue } from './receive-queue.ts';
import { SEND_WINDOW, send } from './send-window.ts';
import { observe, type SocketEvents } from './socket-events.ts';

/** Undrained bytes above which the socket is paused. */
const RECEIVE_WINDOW = 65536;

const NOTHING = new Uint8Array(0);

const ALL_CLOSED = Ready.READABLE | Ready.WRITABLE | Ready.READ_CLOSED | Ready.WRITE_CLOSED;

/** The options of every socket. */
export const SOCKET_OPTIONS = { allowHalfOpen: true, highWaterMark: SEND_WINDOW } as const;

/** The endpoint of a stream: readiness, back-pressure and the states of a `net.Socket`. */
export abstract class StreamEndpoint<Address> extends Endpoint implements SocketEvents {
  /** @internal */
  protected readonly socket: Socket;
  readonly #received = new ReceiveQueue();
  #state: 'connecting' | 'connected' | 'failed';
  #connectError: SystemError | undefined;
  /** The kernel's SO_ERROR. */
  #error: SystemError | undefined;
  #paused = false;
  #ended = false;
  #readShut = false;
  #writeShut = false;

  /** @param socket a connecting socket, or an accepted and paused one. @internal */
  constructor(socket: Socket, origin: Origin) {
    super(origin);
    this.socket = socket;
    // When Bun's Unix sockets fail at once, they are not connecting, and were never connected.
    this.#state = socket.pending ? 'connecting' : 'connected';
    if (this.#state === 'connected') this.readiness.set(Ready.WRITABLE);
    observe(socket, this);
    socket.unref();
  }

  override register(registry: Registry, token: Token, interest: Interest): void {
    this.#refresh();
    super.register(registry, token, interest);
  }

  override reregister(registry: Registry, token: Token, interest: Interest): void {
    this.#refresh();
    super.reregister(registry, token, interest);
  }

  /** Begins to read from an accepted socket. */
  start(): void {
    this.socket.resume();
  }

  /** Whether data is left to read, apart from an end or an error. */
  get unread(): boolean {
    return this.#received.size > 0;
  }

  finishConnect(): true | WouldBlock {
    if (this.#state === 'connecting') return WouldBlock;
    if (this.#connectError !== undefined) throw this.#connectError;
    return true;
  }

  read(buffer: Uint8Array, offset: number, length: number): number | WouldBlock {
    const received = this.#received;
    if (received.size === 0) return this.#nothingToRead();
    const size = received.take(buffer, offset, length);
    if (this.#paused && received.size === 0) {
      this.#paused = false;
      this.socket.resume();
    }
    return size;
  }

  peek(buffer: Uint8Array, offset: number, length: number): number | WouldBlock {
    if (this.#received.size === 0) return this.#nothingToRead();
    return this.#received.copy(buffer, offset, length);
  }

  write(buffer: Uint8Array, offset: number, length: number): number | WouldBlock {
    if (this.#writeShut || this.#state !== 'connected') return this.#noRoom();
    if (length === 0) return 0;
    const sent = send(this.socket, buffer, offset, length);
    // The program writes the rest after an event, which `'drain'` makes.
    if (sent < length) this.readiness.clear(Ready.WRITABLE);
    return sent === 0 ? WouldBlock : sent;
  }

  shutdown(how: 'read' | 'write' | 'both'): void {
    if (!this.hasPeer) throw systemError('ENOTCONN', 'shutdown');
    let edge = 0;
    if (how !== 'write') {
      this.#readShut = true;
      edge |= Ready.READABLE | Ready.READ_CLOSED;
    }
    if (how !== 'read') {
      if (!this.#writeShut && !this.socket.destroyed) this.socket.end();
      this.#writeShut = true;
      edge |= Ready.WRITABLE;
    }
    this.#changed(edge);
  }

  abstract localAddr(): Address;

  /** @throws `ENOTCONN`. */
  abstract peerAddr(): Address;

  takeError(): SystemError | undefined {
    const error = this.#error;
    this.#error = undefined;
    return error;
  }

  /** Closes like close(2): unread bytes reset the connection, and written bytes are still sent. */
  release(): void {
    const { socket } = this;
    const unread = this.#received.size + socket.readableLength;
    this.#received.clear();
    if (socket.destroyed) return;
    if (this.#state !== 'connected') socket.destroy();
    else if (unread > 0 || this.resetsOnClose) this.closeWithUnread();
    else this.closeInOrder();
  }

  /** Closes a connection that the program has not accepted. */
  closeUnaccepted(): void {
    this.readiness.close();
    this.closeWithUnread();
  }

  onConnect(): void {
    this.#state = 'connected';
    this.readiness.set(Ready.WRITABLE);
  }

  onData(chunk: Uint8Array): void {
    if (this.readiness.closed) return;
    this.#received.push(chunk);
    if (this.#received.size > RECEIVE_WINDOW && !this.#paused) {
      this.#paused = true;
      this.socket.pause();
    }
    this.readiness.set(Ready.READABLE);
  }

  onEnd(): void {
    // After a reset, the error comes next, and ends the stream.
    if (this.readiness.closed || this.detectReset()) return;
    this.#ended = true;
    this.#changed(Ready.READABLE | Ready.READ_CLOSED);
  }

  onDrain(): void {
    this.readiness.set(Ready.WRITABLE);
  }

  onError(error: SystemError): void {
    if (this.#state === 'connecting') this.#connectError = error;
    this.#state = 'failed';
    this.#error = error;
    // Node no longer emits the data that it still holds, but `read` returns it.
    const rest: Uint8Array | null = this.socket.read();
    if (rest !== null && !this.readiness.closed) this.#received.push(rest);
    this.#changed(ALL_CLOSED | Ready.ERROR);
  }

  /** Whether the connection was ever established. */
  protected get established(): boolean {
    return this.#state !== 'connecting' && this.#connectError === undefined;
  }

  /** Whether there is a peer, so that it has an address and this side can be shut down. */
  protected get hasPeer(): boolean {
    return this.#state === 'connected' && !this.socket.destroyed;
  }

  /** Whether closing resets the connection even if all bytes were read. */
  protected get resetsOnClose(): boolean {
    return false;
  }

  /** Closes a connection with unread bytes. */
  protected abstract closeWithUnread(): void;

  /** Closes a connection whose bytes were all read. */
  protected closeInOrder(): void {
    if (this.socket.writableLength === 0) this.socket.destroy();
    else linger(this.socket);
  }

  // The program may have read all bytes without a final would-block. The queue is empty, so nothing
  // is reported.
  #refresh(): void {
    if (this.#received.size > 0 || this.#ended || this.#readShut) return;
    if (this.#state !== 'failed') this.readiness.clear(Ready.READABLE);
  }

  /**
   * Finds out whether Node's end of stream is really a reset. If so, keeps the data before it and
   * destroys the socket; its error comes next.
   */
  protected detectReset(): boolean {
    const { socket } = this;
    // Where descriptors can be adopted, they are the system's.
    if (!supports.adoptFd) return this.#failsToWrite();
    const error = lookBehindEnd(socket, (bytes) => this.onData(bytes));
    if (error !== undefined) socket.destroy(error);
    return error !== undefined;
  }

  // The kernel still has the error, and an empty write returns it.
  #failsToWrite(): boolean {
    const { socket } = this;
    if (this.#writeShut || socket.writableLength > 0) return false;
    socket.write(NOTHING);
    return (socket.errored as SystemError | null)?.code === 'ECONNRESET';
  }

  #nothingToRead(): number | WouldBlock {
    if (this.#ended) return 0;
    const error = this.takeError();
    if (error !== undefined) throw restate(error, 'read');
    if (this.#readShut || this.#state === 'failed') return 0;
    this.readiness.clear(Ready.READABLE);
    return WouldBlock;
  }

  #noRoom(): WouldBlock {
    if (this.#state === 'connecting') {
      this.readiness.clear(Ready.WRITABLE);
      return WouldBlock;
    }
    const error = this.takeError();
    throw error === undefined ? systemError('EPIPE', 'write') : restate(error, 'write');
  }

  // A change of state is an edge of all its bits, also of those that were reported before and are
  // not drained.
  #changed(edge: Ready): void {
    const hungUp = (this.#ended || this.#readShut) && this.#writeShut;
    const bits = hungUp ? edge | ALL_CLOSED : edge;
    this.readiness.set(bits);
    this.readiness.pulse(bits);
  }
}
