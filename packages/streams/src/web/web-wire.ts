import type {
  ReadableByteStreamController,
  ReadableStreamBYOBRequest,
  WritableStreamDefaultController,
} from 'node:stream/web';
import type { Loop, Stream } from '@evloop/service';
import { destroyedError } from '../socket/node-error.ts';
import { Wire } from '../wire/wire.ts';

/** How a connection has ended, told once. */
export interface WebOwner {
  opened(): void;
  closed(error?: unknown): void;
}

/** The stream under a pair of Web streams. */
export class WebWire extends Wire {
  readable!: ReadableByteStreamController;
  writable!: WritableStreamDefaultController;
  readonly #owner: WebOwner;
  #pulled: (() => void) | undefined = undefined;
  #isReadOver = false;
  #isWriteOver = false;
  #isOver = false;

  constructor(loop: Loop, stream: Stream, owner: WebOwner) {
    // Enqueuing a chunk transfers its memory, so it must not be shared.
    super(loop, stream, Buffer.allocUnsafeSlow);
    this.#owner = owner;
  }

  /** Reads one chunk. */
  readOne(): Promise<void> {
    return new Promise((resolve) => {
      this.#pulled = resolve;
      this.pull();
    });
  }

  /** Writes a chunk. */
  writeOne(chunk: Uint8Array): Promise<void> {
    return new Promise((resolve, reject) => {
      this.write([chunk], (error) => {
        if (!error) return resolve();
        this.end(error);
        reject(error);
      });
    });
  }

  /** Ends the writing side. */
  endWriting(): Promise<void> {
    return new Promise((resolve, reject) => {
      this.shutDown((error) => {
        if (error) {
          this.end(error);
          return reject(error);
        }
        this.#isWriteOver = true;
        if (this.#isReadOver) this.end();
        resolve();
      });
    });
  }

  /** Nothing more is read. */
  cancel(): void {
    this.#isReadOver = true;
    if (this.#isWriteOver) this.end();
  }

  /** Closes the connection. Does nothing the second time. */
  end(error?: unknown): void {
    if (this.#isOver) return;
    this.#isOver = true;
    const unsent = this.close();
    const reason = error ?? destroyedError();
    unsent?.settle(reason as Error);
    if (!this.#isReadOver) {
      this.#isReadOver = true;
      if (error === undefined) this.#closeReadable();
      else this.readable.error(error);
    }
    this.#settlePull();
    if (!this.#isWriteOver) this.writable.error(reason);
    this.#owner.closed(error);
  }

  protected override connected(): void {
    this.#owner.opened();
  }

  protected override received(chunk: Buffer): boolean {
    if (this.#isReadOver) return false;
    this.#enqueue(chunk);
    this.#settlePull();
    return false;
  }

  protected override ended(): void {
    if (!this.#isReadOver) this.#closeReadable();
    this.#isReadOver = true;
    this.#settlePull();
    if (this.#isWriteOver) this.end();
  }

  protected override failed(error: Error): void {
    this.end(error);
  }

  protected override sent(): void {}

  #enqueue(chunk: Buffer): void {
    const request = this.readable.byobRequest as ReadableStreamBYOBRequest | null;
    const view = request?.view as Uint8Array | null | undefined;
    if (request == null || view == null || chunk.length > view.byteLength) {
      this.readable.enqueue(new Uint8Array(chunk.buffer, chunk.byteOffset, chunk.length));
      return;
    }
    new Uint8Array(view.buffer, view.byteOffset, view.byteLength).set(chunk);
    request.respond(chunk.length);
  }

  #closeReadable(): void {
    this.readable.close();
    // A read into the reader's own buffer ends only by an answer.
    (this.readable.byobRequest as ReadableStreamBYOBRequest | null)?.respond(0);
  }

  #settlePull(): void {
    this.#pulled?.();
    this.#pulled = undefined;
  }
}
