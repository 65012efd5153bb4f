import type { Duplex } from 'node:stream';
import type { Loop, Stream } from '@evloop/service';
import { Wire } from '../wire/wire.ts';
import { Endpoints } from './endpoints.ts';
import type { IdleDeadline } from './idle-deadline.ts';

/** The stream under an `EvloopSocket`. */
export class SocketWire extends Wire {
  /** The number of bytes that were received. */
  bytesRead = 0;
  /** The idle timeout of the socket. */
  idle: IdleDeadline | undefined;
  readonly endpoints: Endpoints;
  readonly #socket: Duplex;

  constructor(loop: Loop, stream: Stream, socket: Duplex) {
    super(loop, stream);
    this.#socket = socket;
    this.endpoints = new Endpoints(stream);
  }

  protected override connected(): void {
    this.idle?.refresh();
    this.endpoints.keepRemote();
    this.#socket.emit('connect');
    this.#socket.emit('ready');
  }

  protected override received(chunk: Buffer): boolean {
    this.bytesRead += chunk.length;
    this.idle?.refresh();
    return this.#socket.push(chunk);
  }

  protected override ended(): void {
    this.#socket.push(null);
    // 'end' comes also when nothing reads, as long as nothing is buffered.
    this.#socket.read(0);
  }

  protected override failed(error: Error): void {
    this.#socket.destroy(error);
  }

  protected override sent(): void {
    this.idle?.refresh();
  }
}
