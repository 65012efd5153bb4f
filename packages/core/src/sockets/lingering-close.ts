import { type Inspect, inspectAs, inspected } from '../diagnostics/inspection.ts';
import { isEvloopError } from '../errors.ts';
import { host, LONGEST_MS, type Timer } from '../host/host.ts';
import { WouldBlock } from '../would-block.ts';
import type { StreamSocket } from './stream-socket.ts';

/** Options of a {@link LingeringClose}. */
export interface LingeringCloseOptions {
  /**
   * Milliseconds after which the stream is closed in any case: a number from 0 to 2147483647.
   * Default: 30000.
   */
  readonly timeoutMs?: number | undefined;
}

/** The default of nginx's `lingering_time`. */
const DEFAULT_MS = 30_000;
/** A step ends after this many reads, so that a flooding peer delays nothing else. */
const MOST_READS = 16;

// The bytes read into it are discarded, so one buffer serves all.
let discarded: Uint8Array | undefined;

/**
 * Closes a stream without losing written bytes. nginx calls it a lingering close.
 *
 * `close()` resets a TCP connection when bytes of the peer are unread, or arrive afterwards (RFC
 * 1122, 4.2.2.13). The reset discards what the peer has not read yet. A lingering close first shuts
 * down the writing side. It then reads and discards until the peer ends its side, and closes the
 * stream. It also closes the stream when the connection fails, or when the time is up.
 *
 * Keep the stream registered with `READABLE`. Call `step()` at once and on each event of the
 * stream. The deadline is a timer of the host's loop, which does not keep the process alive. A
 * thread that only blocks in `pollSync` never turns that loop. There, the next `step()` after the
 * deadline closes the stream.
 *
 * @example
 * ```ts
 * const closing = new LingeringClose(stream, { timeoutMs: 5000 });
 * const events = new Events(64);
 * while (closing.step() !== 'end') await poll.poll(events, 1000);
 * ```
 */
export class LingeringClose implements Disposable {
  readonly #stream: StreamSocket<unknown>;
  readonly #deadline: number;
  readonly #timer: Timer;
  #closed = false;

  /**
   * Shuts down the writing side of `stream`. The program must not use the stream from now on. A
   * stream that is not connected is closed at once.
   *
   * @throws RangeError: `timeoutMs` is out of range. EVLOOP_CLOSED: the stream is closed.
   */
  constructor(stream: StreamSocket<unknown>, options: LingeringCloseOptions = {}) {
    const { timeoutMs = DEFAULT_MS } = options;
    if (typeof timeoutMs !== 'number' || !(timeoutMs >= 0 && timeoutMs <= LONGEST_MS)) {
      throw new RangeError(
        `invalid timeoutMs: ${String(timeoutMs)} (expected a number from 0 to ${LONGEST_MS})`,
      );
    }
    this.#stream = stream;
    const connected = shutDown(stream);
    this.#deadline = host.performance.now() + timeoutMs;
    this.#timer = host.setTimeout(() => this.close(), Math.ceil(timeoutMs));
    if (typeof this.#timer === 'object') this.#timer.unref?.();
    if (!connected) this.close();
  }

  /** Whether the stream is closed. */
  get closed(): boolean {
    return this.#closed;
  }

  /**
   * Reads and discards what has arrived. Never throws.
   *
   * @returns `'end'`: the stream is closed. `'wait'`: call again on the next event of the stream.
   *   `'again'`: call again soon; there may be more, and no event will announce it.
   */
  step(): 'wait' | 'again' | 'end' {
    for (let i = 0; i < MOST_READS && !this.#closed; i++) {
      const late = host.performance.now() >= this.#deadline;
      const size = late ? 0 : this.#read();
      if (size === WouldBlock) return 'wait';
      if (size === 0) this.close();
    }
    return this.#closed ? 'end' : 'again';
  }

  /** What `console.log` prints. */
  [inspected](_depth: number, options: object, inspect?: Inspect): string {
    return inspectAs(this, { state: this.#closed ? 'closed' : 'waiting' }, options, inspect);
  }

  /** Closes the stream now, as its own `close()` does. A second call does nothing. */
  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    host.clearTimeout(this.#timer);
    this.#stream.close();
  }

  /** The same as `close()`, for `using`. */
  [Symbol.dispose](): void {
    this.close();
  }

  /** Discards bytes. Returns 0 when the peer has ended its side, or the connection is closed. */
  #read(): number | WouldBlock {
    discarded ??= new Uint8Array(65536);
    try {
      return this.#stream.read(discarded);
    } catch {
      return 0;
    }
  }
}

/** Shuts down the writing side. Returns false for a stream that is not connected. */
function shutDown(stream: StreamSocket<unknown>): boolean {
  try {
    stream.shutdown('write');
    return true;
  } catch (error) {
    if (isEvloopError(error, 'EVLOOP_CLOSED')) throw error;
    return false;
  }
}
