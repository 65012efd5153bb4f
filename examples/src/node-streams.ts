import type { Readable, Writable } from 'node:stream';
import type { ByteSink, ByteSource } from '@evloop/buffer';
import { Readiness, Ready, type Registry, type Source, WouldBlock } from '@evloop/core';

/** A source without a descriptor: it says itself when it is ready, and is registered with any backend's poll. */
abstract class UserSpaceSource implements Source {
  protected readonly readiness: Readiness = new Readiness(this);

  register(...args: Parameters<Source['register']>): void {
    this.readiness.register(...args);
  }
  reregister(...args: Parameters<Source['reregister']>): void {
    this.readiness.reregister(...args);
  }
  deregister(registry: Registry): void {
    this.readiness.deregister(registry);
  }
}

/** A readable stream of Node, such as standard input, as a source that is read like a socket. */
export class ReadableSource extends UserSpaceSource implements ByteSource {
  readonly #stream: Readable;
  #chunk: Buffer | undefined;
  #ended = false;

  constructor(stream: Readable) {
    super();
    this.#stream = stream;
    const end = () => {
      this.#ended = true;
      this.readiness.set(Ready.READABLE);
    };
    stream.on('readable', () => this.readiness.set(Ready.READABLE));
    stream.on('end', end).on('error', end);
  }

  read(buffer: Uint8Array, offset: number, length: number): number | WouldBlock {
    this.#chunk ??= this.#stream.read() ?? undefined;
    if (this.#chunk === undefined) {
      if (this.#ended) return 0;
      this.readiness.clear(Ready.READABLE);
      return WouldBlock;
    }
    const size = this.#chunk.copy(buffer, offset, 0, length);
    this.#chunk = size < this.#chunk.length ? this.#chunk.subarray(size) : undefined;
    return size;
  }
}

/** A writable stream of Node, such as standard output, as a source that is written like a socket. */
export class WritableSource extends UserSpaceSource implements ByteSink {
  readonly #stream: Writable;
  /** Whether whoever reads what we write has gone. */
  failed = false;

  constructor(stream: Writable) {
    super();
    this.#stream = stream;
    stream.on('drain', () => this.readiness.set(Ready.WRITABLE));
    stream.on('error', () => {
      this.failed = true;
      this.readiness.set(Ready.WRITABLE | Ready.ERROR);
    });
  }

  write(buffer: Uint8Array, offset: number, length: number): number | WouldBlock {
    if (this.failed) return length;
    if (this.#stream.writableNeedDrain) {
      this.readiness.clear(Ready.WRITABLE);
      return WouldBlock;
    }
    // The stream keeps what it is given until it is written, and the bytes are the caller's again when we return.
    this.#stream.write(Buffer.from(buffer.subarray(offset, offset + length)));
    return length;
  }
}
