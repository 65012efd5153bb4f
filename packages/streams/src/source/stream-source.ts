import type { Duplex } from 'node:stream';
import { Ready, type SystemError, type UnixStream } from '@evloop/core';
import { systemError, UserSpaceStream } from '@evloop/core/backend';
import { isSystemError } from '@evloop/service';

const NOT_A_SOCKET = 'a stream of Node has no credentials and passes no descriptors';

/** How long a closed stream waits for a peer that takes nothing, in milliseconds. */
const LINGER_MS = 60_000;

/** What is known of a stream that may be a socket. */
interface Connecting extends Duplex {
  readonly connecting?: boolean;
}

/**
 * A stream of Node as a stream of evloop: a source of any poll, which is read and written like a
 * socket. It can also be given to `relay`, and to whatever else takes a `UnixStream`.
 */
export class StreamSource extends UserSpaceStream<string> implements UnixStream {
  readonly #duplex: Duplex;
  #chunk: Buffer | undefined = undefined;

  /** @throws TypeError: the stream is in object mode. */
  constructor(duplex: Duplex) {
    super();
    if (duplex.readableObjectMode || duplex.writableObjectMode) {
      throw new TypeError('invalid duplex: it is in object mode (expected a stream of bytes)');
    }
    this.#duplex = duplex;
    // The end of the peer is not the end of this side: that is what `shutdown` is for.
    duplex.allowHalfOpen = true;
    const socket: Connecting = duplex;
    if (socket.connecting) duplex.once('connect', () => this.connected('', ''));
    else this.connected('', '');
    duplex.on('readable', () => this.readiness.set(Ready.READABLE));
    duplex.on('drain', () => this.readiness.set(Ready.WRITABLE));
    duplex.on('end', () => this.endOfPeer());
    duplex.on('error', (error) => this.fail(asSystemError(error)));
    duplex.on('close', () => this.#closed());
    if (duplex.readableEnded) this.endOfPeer();
    if (duplex.destroyed) this.#closed();
  }

  /** Not available: `EVLOOP_UNSUPPORTED`. */
  peerCredentials(): never {
    return this.refuse(NOT_A_SOCKET);
  }

  /** Not available: `EVLOOP_UNSUPPORTED`. */
  writeWithFds(): never {
    return this.refuse(NOT_A_SOCKET);
  }

  /** Not available: `EVLOOP_UNSUPPORTED`. */
  readWithFds(): never {
    return this.refuse(NOT_A_SOCKET);
  }

  protected override look(into: Uint8Array): number {
    this.#chunk ??= this.#take();
    return this.#chunk?.copy(into) ?? 0;
  }

  protected override consume(size: number): void {
    const rest = this.#chunk?.subarray(size);
    this.#chunk = rest?.length ? rest : undefined;
  }

  protected override send(bytes: Uint8Array): number {
    const duplex = this.#duplex;
    if (duplex.writableNeedDrain) return 0;
    const room = Math.max(1, duplex.writableHighWaterMark - duplex.writableLength);
    // The stream keeps what it is given, and the bytes are the caller's again.
    const copy = Buffer.from(bytes.subarray(0, room));
    duplex.write(copy);
    return copy.length;
  }

  protected override sendEnd(): void {
    this.#duplex.end();
  }

  protected override release(reset: boolean): void {
    const duplex = this.#duplex;
    this.#chunk = undefined;
    if (reset || this.state !== 'connected' || duplex.writableFinished) {
      duplex.destroy();
      return;
    }
    duplex.once('finish', () => duplex.destroy());
    duplex.end();
    limitLinger(duplex);
  }

  #take(): Buffer | undefined {
    const chunk = this.#duplex.read() as Buffer | string | null;
    if (chunk === null || chunk.length === 0) return undefined;
    return Buffer.isBuffer(chunk)
      ? chunk
      : Buffer.from(chunk, this.#duplex.readableEncoding ?? 'utf8');
  }

  /** The stream was destroyed: unless both sides have ended, that is a broken connection. */
  #closed(): void {
    if (!this.peerEnded || !this.#duplex.writableFinished) {
      this.fail(systemError('ECONNRESET', 'read'));
    }
  }
}

/** Destroys a stream that is closing and whose peer takes nothing for {@link LINGER_MS}. */
function limitLinger(duplex: Duplex): void {
  let before = duplex.writableLength;
  const timer = setInterval(() => {
    const now = duplex.writableLength;
    if (now === before) duplex.destroy();
    before = now;
  }, LINGER_MS).unref();
  duplex.once('close', () => clearInterval(timer));
}

/** Programs take system errors for those of a connection, and all others for their own. */
function asSystemError(error: Error): SystemError {
  if (isSystemError(error)) return error;
  const { code = 'EIO' } = error as { code?: string };
  const made = systemError('EIO', 'read');
  return Object.assign(made, { code, message: error.message, cause: error });
}
