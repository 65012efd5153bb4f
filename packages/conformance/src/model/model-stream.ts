import assert from 'node:assert/strict';
import { type TcpStream, WouldBlock } from '@evloop/core';
import { type Bits, ModelSource } from './model-source.ts';

/**
 * The bytes that every connection takes at once, however it is buffered. An end behind them is
 * visible.
 */
const WINDOW = 16 * 1024;

/** The period of the bytes of all streams. A prime, so that neighbouring buffers differ. */
const PERIOD = 65521;
/** The most bytes that one command writes or reads. */
const LONGEST = 100_000;
const PATTERN: Uint8Array = Uint8Array.from({ length: PERIOD + LONGEST }, (_, i) => {
  const at = i % PERIOD;
  return at * 31 + (at >> 8) * 7;
});
const scratch = new Uint8Array(LONGEST);

/**
 * One end of a connection, and the contract's view of it. The bytes of a direction are numbered,
 * and each follows from its number, so counting them is enough.
 */
export class ModelStream extends ModelSource {
  readonly stream: TcpStream;
  readonly #salt: number;
  peer: ModelStream = this;
  sent = 0;
  received = 0;
  /** Whether the other side has ended, by shutdown or close. */
  peerEnded = false;
  /** Whether the connection was or may have been reset, so that unread bytes may be lost. */
  broken = false;
  #writeEnded = false;
  #endSeen = false;
  #errors = 0;

  constructor(name: string, stream: TcpStream, salt: number) {
    super(name, stream);
    this.stream = stream;
    this.#salt = salt * 10_000;
  }

  /** The number of bytes that are under way or wait to be read. */
  get unread(): number {
    return this.peer.sent - this.received;
  }

  override get owed(): Bits {
    const { interest } = this;
    if (interest === undefined) return {};
    const certain = !this.broken;
    const { armed } = this;
    const readable = armed.readable === true && (this.unread > 0 || this.peerEnded) && certain;
    const writable = armed.writable === true && this.peer.unread === 0 && certain;
    return {
      readable: readable && (interest & 1) !== 0,
      writable: writable && (interest & 2) !== 0 && !this.#writeEnded,
      readClosed: armed.readClosed === true && this.peerEnded && this.unread <= WINDOW,
    };
  }

  /** Returns whether there may be more to read. */
  read(size: number): boolean {
    const buffer = scratch.subarray(0, size).fill(0);
    const result = this.attempt(() => this.stream.read(buffer));
    if (this.closed) {
      this.expectClosed(result);
      return false;
    }
    if (result instanceof Error) {
      assert.ok(this.broken, `${this.name}: ${result.message}`);
      assert.equal(++this.#errors, 1, `${this.name}: an error is thrown by one read alone`);
      return false;
    }
    if (result === WouldBlock) {
      assert.ok(!this.#endSeen, `${this.name}: the end is for good`);
      this.armed.readable = true;
      return false;
    }
    if (result === 0) {
      const all = this.peerEnded && this.unread === 0;
      assert.ok(all || this.broken, `${this.name}: the end, with ${this.unread} bytes to come`);
      this.#endSeen = true;
      return false;
    }
    assert.ok(!this.#endSeen, `${this.name}: the end is for good`);
    assert.ok(result <= this.unread, `${this.name}: more bytes than were written`);
    const wanted = this.peer.#bytes(this.received, result);
    const same = Buffer.compare(wanted, buffer.subarray(0, result)) === 0;
    assert.ok(same, `${this.name}: bytes ${this.received} to ${this.received + result} are wrong`);
    this.received += result;
    return true;
  }

  /** Returns whether there may be more room. */
  write(size: number): boolean {
    const buffer = scratch.subarray(0, size);
    buffer.set(this.#bytes(this.sent, size));
    const room = WINDOW - this.peer.unread;
    const result = this.attempt(() => this.stream.write(buffer));
    buffer.fill(0);
    if (this.closed) {
      this.expectClosed(result);
      return false;
    }
    if (result instanceof Error) {
      const { code } = result as Error & { code?: string };
      const expected = this.#writeEnded || this.broken || this.peer.closed;
      assert.ok(expected, `${this.name}: ${result.message}`);
      assert.ok(code === 'EPIPE' || (this.broken && code === 'ECONNRESET'), result.message);
      return false;
    }
    assert.ok(!this.#writeEnded, `${this.name}: writes after shutdown`);
    if (result === WouldBlock) {
      const fits = room >= size && !this.broken && !this.peer.closed;
      assert.ok(!fits, `${this.name}: WouldBlock, but ${room} bytes fit`);
      this.armed.writable = true;
      return false;
    }
    assert.ok(result > 0 && result <= size, `${this.name}: ${result} of ${size} bytes`);
    this.sent += result;
    if (this.peer.closed) this.broken = true;
    return true;
  }

  shutdown(): void {
    const result = this.attempt(() => this.stream.shutdown('write'));
    if (this.closed) {
      this.expectClosed(result);
      return;
    }
    if (result instanceof Error) {
      // When both sides have ended, there is no connection any more.
      const over = this.#writeEnded && this.peerEnded;
      assert.ok(over || this.broken || this.peer.closed, result.message);
      return;
    }
    this.#writeEnded = true;
    this.peer.hearEnd();
  }

  close(): void {
    this.stream.close();
    if (this.closed) return;
    this.end();
    if (this.unread > 0) this.peer.broken = true;
    this.peer.hearEnd();
  }

  /** Whether everything that must arrive here has arrived. */
  get complete(): boolean {
    return this.closed || this.broken || (this.unread === 0 && this.#endSeen === this.peerEnded);
  }

  hearEnd(): void {
    if (this.peerEnded) return;
    this.peerEnded = true;
    this.armed.readClosed = true;
  }

  #bytes(from: number, size: number): Uint8Array {
    const at = (from + this.#salt) % PERIOD;
    return PATTERN.subarray(at, at + size);
  }

  private expectClosed(result: unknown): void {
    assert.equal((result as { code?: unknown }).code, 'EVLOOP_CLOSED', this.name);
  }
}
