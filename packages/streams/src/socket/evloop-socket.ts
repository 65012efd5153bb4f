import { isSystemError, type LookupAddress, type Loop, type Stream } from '@evloop/service';
import { AddressedDuplex } from './addressed-duplex.ts';
import { checkTimeout } from './check-timeout.ts';
import { connectStream } from './connect-stream.ts';
import { IdleDeadline } from './idle-deadline.ts';
import { closedSocketError, destroyedError, nodeError } from './node-error.ts';
import { refuseWrites } from './refuse-writes.ts';
import { type ConnectArguments, readConnectArguments } from './socket-target.ts';
import { SocketWire } from './socket-wire.ts';
import { type TcpSetting, TcpSettings } from './tcp-settings.ts';

/** Options of {@link EvloopSocket}. */
export interface EvloopSocketOptions {
  /** Whether the socket stays writable when the peer has ended its side. Default: false. */
  readonly allowHalfOpen?: boolean | undefined;
  /** How many bytes are buffered in each direction before the other side waits. Default: 65536. */
  readonly highWaterMark?: number | undefined;
  /** Destroys the socket. */
  readonly signal?: AbortSignal | undefined;
}

type Done = (error?: Error | null) => void;

/**
 * A stream of evloop as a stream of Node, with the methods, properties and events of `net.Socket`.
 *
 * It is not a `net.Socket`: libraries that ask for `_handle` find none. `toDuplex` makes one of a
 * stream, `connectSocket` connects one, and `new EvloopSocket(loop)` is for libraries that call
 * `connect` themselves.
 *
 * It works while its loop runs beside Node's own: `loop.run()`, without `blocking`.
 */
export class EvloopSocket extends AddressedDuplex {
  readonly #loop: Loop;
  #wire: SocketWire | undefined = undefined;
  #isConnecting = false;
  #settings: TcpSettings | undefined = undefined;
  #idle: IdleDeadline | undefined = undefined;
  #timeout = 0;
  /** The bytes of the writes that have ended. */
  #bytesDone = 0;
  #abort: AbortController | undefined = undefined;
  // What was asked for while there was no stream yet.
  #earlyRead = false;
  #earlyWrite: { readonly buffers: readonly Uint8Array[]; readonly done: Done } | undefined;
  #earlyFinal: Done | undefined = undefined;

  /** Makes a socket that is not connected. @throws RangeError: an option is out of range. */
  constructor(loop: Loop, options: EvloopSocketOptions = {}) {
    const { allowHalfOpen = false, highWaterMark = 0x10000, signal } = options;
    // Its 'close' has an argument, and so is emitted here.
    const common = { allowHalfOpen, highWaterMark, emitClose: false };
    super(signal === undefined ? common : { ...common, signal });
    this.#loop = loop;
    this.on('end', refuseWrites);
  }

  /**
   * Takes a stream over, which is connecting or connected. For `toDuplex`.
   *
   * @throws what `Registry.register` throws; the stream is still the caller's then.
   */
  adopt(stream: Stream): void {
    const wire = new SocketWire(this.#loop, stream, this);
    let failure: Error | undefined;
    try {
      wire.begin();
    } catch (error) {
      if (!isSystemError(error)) throw error;
      failure = error;
    }
    this.#wire = wire;
    this.endpoints = wire.endpoints;
    wire.idle = this.#idle;
    this.#isConnecting = false;
    this.#settings?.apply(this.#loop.backend, stream);
    if (failure !== undefined) {
      this.destroy(failure);
      return;
    }
    if (this.#earlyWrite !== undefined) this.#writeEarly(wire);
    if (this.#earlyFinal !== undefined) wire.shutDown(this.#earlyFinal);
    if (this.#earlyRead) wire.pull();
    else if (!wire.connecting && !this.isPaused()) this.read(0);
  }

  /** Whether the connection is being made. */
  get connecting(): boolean {
    return this.#isConnecting || (this.#wire?.connecting ?? false);
  }

  /** Whether there is no connection yet, or none any more. */
  get pending(): boolean {
    return this.#wire === undefined || this.destroyed || this.connecting;
  }

  /** Which sides are open. */
  get readyState(): 'opening' | 'open' | 'readOnly' | 'writeOnly' | 'closed' {
    if (this.connecting) return 'opening';
    if (this.readable) return this.writable ? 'open' : 'readOnly';
    return this.writable ? 'writeOnly' : 'closed';
  }

  /** The idle timeout in milliseconds; undefined when there is none. */
  get timeout(): number | undefined {
    return this.#timeout === 0 ? undefined : this.#timeout;
  }

  /** The number of bytes that were received. */
  get bytesRead(): number {
    return this.#wire?.bytesRead ?? 0;
  }

  /** The number of bytes that were written, including those that still wait. */
  get bytesWritten(): number {
    return this.#bytesDone + this.writableLength;
  }

  /**
   * Connects, with the arguments of `net.Socket.connect`: a port and a host, a path, or both in an
   * object with options.
   *
   * @throws RangeError: the port is not from 1 to 65535. `ERR_SOCKET_CLOSED`: the socket was used.
   */
  connect(...given: ConnectArguments): this {
    const { target, options, onConnect } = readConnectArguments(given);
    if (this.destroyed || this.#isConnecting || this.#wire !== undefined) throw closedSocketError();
    if (onConnect !== undefined) this.once('connect', onConnect);
    this.#isConnecting = true;
    this.#idle?.refresh();
    this.#abort = new AbortController();
    const onLookup = ({ address, family }: LookupAddress, host: string) => {
      this.emit('lookup', null, address, family, host);
    };
    // What a listener throws is an uncaught exception, not a rejection.
    connectStream(this.#loop, target, options, this.#abort.signal, onLookup).then(
      (stream) => process.nextTick(() => this.#connected(stream)),
      (error: Error) => process.nextTick(() => this.destroy(error)),
    );
    return this;
  }

  /** Sends small writes at once. Does nothing on a Unix socket. */
  setNoDelay(noDelay = true): this {
    return this.#set({ nodelay: Boolean(noDelay) });
  }

  /**
   * Probes a peer that is silent, after `initialDelay` milliseconds. Does nothing on a Unix socket.
   */
  setKeepAlive(enable = false, initialDelay = 0): this {
    const keepIdle = Math.floor(initialDelay / 1000) * 1000;
    const keepAlive = Boolean(enable);
    return this.#set(keepAlive && keepIdle > 0 ? { keepAlive, keepIdle } : { keepAlive });
  }

  /**
   * Emits `'timeout'` after `msecs` milliseconds without activity, and does nothing else then. 0
   * ends that.
   *
   * @throws TypeError or RangeError: `msecs` is not a finite number from 0.
   */
  setTimeout(msecs: number, onTimeout?: () => void): this {
    const ms = checkTimeout(msecs);
    this.#timeout = ms;
    if (ms > 0 && this.#idle === undefined && !this.destroyed) {
      this.#idle = new IdleDeadline(this.#loop.deadlines, this);
      if (this.#wire !== undefined) this.#wire.idle = this.#idle;
    }
    this.#idle?.start(ms === 0 ? Infinity : ms);
    if (onTimeout !== undefined) {
      if (ms === 0) this.removeListener('timeout', onTimeout);
      else this.once('timeout', onTimeout);
    }
    return this;
  }

  /** Does nothing: `loop.ref()` decides what keeps the process alive. */
  ref(): this {
    return this;
  }

  /** Does nothing: `loop.unref()` decides what keeps the process alive. */
  unref(): this {
    return this;
  }

  /** Ends the socket, and destroys it once everything is sent. */
  destroySoon(): void {
    if (this.writable) this.end();
    if (this.writableFinished) this.destroy();
    else this.once('finish', this.destroy);
  }

  /**
   * Resets the connection and destroys the socket. It is destroyed with an error where that is not
   * possible: `ERR_INVALID_HANDLE_TYPE` on a Unix socket, `ERR_SOCKET_CLOSED` without a connection,
   * `EVLOOP_UNSUPPORTED` on a backend that cannot reset.
   */
  resetAndDestroy(): this {
    if (this.connecting) return this.once('connect', this.resetAndDestroy);
    const wire = this.destroyed ? undefined : this.#wire;
    if (wire === undefined) return this.destroy(closedSocketError());
    if (!wire.isTcp) {
      const message = 'This handle type cannot be sent';
      return this.destroy(nodeError('ERR_INVALID_HANDLE_TYPE', message));
    }
    try {
      wire.stream.setSocketOption('linger', 0);
    } catch (error) {
      return this.destroy(error as Error);
    }
    return this.destroy();
  }

  override _read(): void {
    if (this.#wire === undefined) this.#earlyRead = true;
    else this.#wire.pull();
  }

  override _write(chunk: Uint8Array, _encoding: BufferEncoding, done: Done): void {
    this.#write([chunk], chunk.length, done);
  }

  override _writev(chunks: readonly { readonly chunk: Uint8Array }[], done: Done): void {
    let length = 0;
    const buffers = chunks.map(({ chunk }) => {
      length += chunk.length;
      return chunk;
    });
    this.#write(buffers, length, done);
  }

  override _final(done: Done): void {
    if (this.#wire !== undefined) this.#wire.shutDown(done);
    else if (this.#isConnecting) this.#earlyFinal = done;
    else done();
  }

  override _destroy(error: Error | null, done: (error?: Error | null) => void): void {
    this.#abort?.abort();
    this.#idle?.cancel();
    this.#isConnecting = false;
    this.endpoints?.keepLocal();
    const unsent = this.#wire?.close();
    const fail = unsent === undefined ? this.#earlyWrite?.done : unsent.settle.bind(unsent);
    if (fail !== undefined) process.nextTick(fail, error ?? destroyedError());
    done(error);
    process.nextTick(emitClose, this, error !== null);
  }

  #connected(stream: Stream): void {
    if (this.destroyed) {
      stream.close();
      return;
    }
    this.adopt(stream);
    if (this.destroyed || this.connecting) return;
    this.emit('connect');
    this.emit('ready');
  }

  #write(buffers: readonly Uint8Array[], length: number, done: Done): void {
    const settle: Done = (error) => {
      if (!error) this.#bytesDone += length;
      done(error);
    };
    this.#idle?.refresh();
    if (this.#wire !== undefined) this.#wire.write(buffers, settle);
    else if (this.#isConnecting) this.#earlyWrite = { buffers, done: settle };
    else done(closedSocketError());
  }

  #writeEarly(wire: SocketWire): void {
    const early = this.#earlyWrite;
    this.#earlyWrite = undefined;
    if (early !== undefined) wire.write(early.buffers, early.done);
  }

  #set(values: Partial<TcpSetting>): this {
    this.#settings = (this.#settings ?? new TcpSettings()).with(values);
    if (this.#wire !== undefined && !this.destroyed) {
      new TcpSettings(values).apply(this.#loop.backend, this.#wire.stream);
    }
    return this;
  }
}

function emitClose(socket: EvloopSocket, hadError: boolean): void {
  socket.emit('close', hadError);
}
