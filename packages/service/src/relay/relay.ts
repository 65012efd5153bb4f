import { CallbackDeadline, type Deadline } from '../deadlines/deadline.ts';
import type { Loop } from '../loop/loop.ts';
import type { Stream } from '../stream.ts';
import { timeoutError } from '../timeout-error.ts';
import { Flow } from './flow.ts';
import { RelayEnd } from './relay-end.ts';
import { RelayError } from './relay-error.ts';
import type { RelayCounts, RelayOptions } from './relay-options.ts';

/** How long a stream may go on sending after the relay has failed, in milliseconds. */
const LINGER_MS = 2000;

/**
 * Carries bytes between two streams in both directions, until both have ended.
 *
 * - When one stream ends, the writing side of the other is shut down, once it has taken everything.
 *   The other direction goes on.
 * - It reads only as much as the other side has taken, so its memory is bounded: one buffer for
 *   each
 *   direction whose reader is slow, none for an idle relay.
 * - When one stream fails, what it had sent before is still delivered. Then both are closed.
 *
 * @param a a stream that is registered nowhere. It belongs to the relay from now on.
 * @param b the same. Either may still be connecting.
 * @returns how many bytes were carried, when both streams are closed. Rejects with a
 * {@link RelayError}: a stream has failed, or nothing has moved for too long (`ETIMEDOUT`). Rejects
 * with the reason of the signal.
 */
export function relay(
  loop: Loop,
  a: Stream,
  b: Stream,
  options: RelayOptions = {},
): Promise<RelayCounts> {
  const { bufferSize = 0x10000 } = options;
  if (!Number.isInteger(bufferSize) || bufferSize < 1) {
    throw new RangeError(`invalid bufferSize: ${bufferSize} (expected an integer from 1)`);
  }
  return new Relay(loop, a, b, bufferSize, options).promise;
}

/** A relay that is under way. */
export class Relay {
  readonly loop: Loop;
  readonly promise: Promise<RelayCounts>;
  readonly #options: RelayOptions;
  readonly #a: RelayEnd;
  readonly #b: RelayEnd;
  #idleMs: number;
  #deadline: Deadline | undefined;
  #cause: Error | undefined;
  #failedEnd: RelayEnd | undefined;
  #state: 'open' | 'lingering' | 'closed' = 'open';
  #resolve!: (counts: RelayCounts) => void;
  #reject!: (reason: unknown) => void;

  constructor(loop: Loop, a: Stream, b: Stream, size: number, options: RelayOptions) {
    this.loop = loop;
    this.#options = options;
    this.promise = new Promise((resolve, reject) => {
      this.#resolve = resolve;
      this.#reject = reject;
    });
    this.#a = new RelayEnd(this, 'a', a);
    this.#b = new RelayEnd(this, 'b', b);
    const aToB = new Flow(this.#a, this.#b, size);
    const bToA = new Flow(this.#b, this.#a, size);
    this.#a.outgoing = this.#b.incoming = aToB;
    this.#b.outgoing = this.#a.incoming = bToA;
    this.#idleMs = options.idleTimeout ?? Infinity;
    if (options.signal?.aborted) {
      this.#onAbort();
    } else {
      options.signal?.addEventListener('abort', this.#onAbort);
      this.#begin();
    }
  }

  /** For flows: bytes have moved. */
  touch(): void {
    this.#deadline?.touch(this.#idleMs);
  }

  /** For flows: one side has ended. */
  halfClosed(): void {
    if (this.#state !== 'open') return;
    this.#idleMs = Math.min(this.#idleMs, this.#options.halfCloseIdleMs ?? 60_000);
    this.#watch();
  }

  /** For flows: one direction is over. */
  flowOver(): void {
    if (this.#state !== 'open' || !this.#a.outgoing.over || !this.#b.outgoing.over) return;
    if (this.#failedEnd === undefined) this.#close();
    else this.#linger(this.#failedEnd === this.#a ? this.#b : this.#a);
  }

  /** For ends: an operation on one of them has failed. */
  failed(end: RelayEnd, error: Error, operation: 'read' | 'write'): void {
    if (this.#state !== 'open') return;
    this.#cause ??= error;
    this.#failedEnd ??= end;
    // Both have failed: nothing can be delivered any more.
    if (this.#failedEnd !== end) {
      this.#close();
      return;
    }
    end.incoming.stop();
    if (operation === 'read') end.outgoing.sourceFailed();
    // What it had sent before it failed can still be read.
    else end.wake();
    this.halfClosed();
    this.flowOver();
  }

  /** For ends: the peer has read to the end. */
  lingered(): void {
    if (this.#state === 'lingering') this.#close();
  }

  #begin(): void {
    for (const end of [this.#a, this.#b]) {
      try {
        end.begin();
      } catch (error) {
        this.failed(end, error as Error, 'read');
      }
    }
    if (this.#state !== 'open') return;
    this.#watch();
    // What arrived before is reported by the poll, but not for a stream that is done already.
    if (this.#failedEnd !== undefined) this.flowOver();
  }

  #watch(): void {
    if (this.#idleMs === Infinity) return;
    this.#deadline ??= new CallbackDeadline(this.loop.deadlines, () => this.#timeOut());
    this.#deadline.touch(this.#idleMs);
  }

  #timeOut(): void {
    this.#cause ??= timeoutError(`nothing has moved for ${this.#idleMs} ms`);
    this.#close();
  }

  #linger(end: RelayEnd): void {
    if (!end.connected) {
      this.#close();
      return;
    }
    this.#state = 'lingering';
    this.#idleMs = LINGER_MS;
    this.#watch();
    end.linger();
  }

  readonly #onAbort = (): void => {
    this.#closeStreams();
    this.#reject(this.#options.signal?.reason);
  };

  #close(): void {
    if (this.#state === 'closed') return;
    this.#closeStreams();
    const counts = { aToB: this.#a.outgoing.bytes, bToA: this.#b.outgoing.bytes };
    if (this.#cause === undefined) this.#resolve(counts);
    else this.#reject(new RelayError(this.#cause, this.#failedEnd?.side, counts));
  }

  #closeStreams(): void {
    this.#state = 'closed';
    this.#deadline?.cancel();
    this.#options.signal?.removeEventListener('abort', this.#onAbort);
    this.#a.outgoing.stop();
    this.#b.outgoing.stop();
    this.#a.close();
    this.#b.close();
    this.loop.yieldToHost();
  }
}
