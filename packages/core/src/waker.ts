import { type Inspect, inspected, inspectSource } from './diagnostics/inspection.ts';
import { closedError, unsupportedError } from './errors.ts';
import { Interest } from './interest.ts';
import { LeafSource } from './registration/leaf-source.ts';
import { Readiness } from './registration/readiness.ts';
import { Ready } from './registration/ready.ts';
import { openRemoteWake } from './registration/registrar.ts';
import type { Registry } from './registry.ts';
import { registrationOf } from './source.ts';
import type { Token } from './token.ts';
import type { RemoteWake, WakerHandle } from './wake/remote-wake.ts';

/**
 * Makes a poll return: the pending one, or else the next one.
 *
 * Use it from code that runs beside the loop in the same thread: a timer, a promise, a callback of
 * another library. Each wake is an edge of its own: nothing has to be read or reset. Several wakes
 * before one poll make one event, with the waker's token, readable. Wakes are not counted and carry
 * no payload. Keep the payload in a queue of your own, or use a {@link Readiness}.
 *
 * A poll may have several wakers, each with its own token. Other threads wake it through a {@link
 * WakerHandle}:
 *
 * ```ts
 * worker.postMessage(waker.handle());
 * // in the worker
 * parentPort.on('message', (handle) => new RemoteWaker(handle).wake());
 * ```
 */
export class Waker {
  readonly #registry: Registry;
  readonly #source: WakeSource;
  #remote: RemoteWake | undefined;

  /**
   * Registers the waker with `registry` under `token`.
   *
   * @throws EVLOOP_CLOSED: the poll of `registry` is closed. RangeError: `token` is invalid.
   */
  constructor(registry: Registry, token: Token) {
    this.#registry = registry;
    this.#source = new WakeSource();
    registry.register(this.#source, token, Interest.READABLE);
  }

  /**
   * Makes the pending or next poll yield an event with the waker's token, readable. Only `close`
   * can lose a wake.
   *
   * @throws EVLOOP_CLOSED: the waker or its poll is closed.
   */
  wake(): void {
    this.#source.readiness.checkOpen();
    if (this.#registry.closed) throw closedError('the poll of this waker');
    this.#source.readiness.pulse(Ready.READABLE);
  }

  /**
   * Returns what other threads of this process need to wake this poll: see {@link WakerHandle}. The
   * same object each time.
   *
   * @throws EVLOOP_CLOSED: the waker or its poll is closed. EVLOOP_UNSUPPORTED:
   *   `supports.wakerHandles` is false. A {@link SystemError}: no descriptor is free.
   */
  handle(): WakerHandle {
    this.#source.readiness.checkOpen();
    if (this.#registry.closed) throw closedError('the poll of this waker');
    const pulse = () => this.#source.readiness.pulse(Ready.READABLE);
    this.#remote ??= this.#registry[openRemoteWake](pulse);
    if (this.#remote !== undefined) return this.#remote.handle;
    throw unsupportedError('waking from other threads is not supported by this backend');
  }

  /** What `console.log` prints. */
  [inspected](_depth: number, options: object, inspect?: Inspect): string {
    const { registry, token } = this.#source.readiness;
    return inspectSource(
      this,
      { closed: registry === undefined, registry, token },
      options,
      inspect,
    );
  }

  /**
   * Closes the waker and its handle. Wakes that no poll has reported yet are lost. A second call
   * does nothing.
   */
  close(): void {
    this.#remote?.close();
    this.#remote = undefined;
    this.#source.readiness.close();
  }

  /** The same as `close()`, for `using`. */
  [Symbol.dispose](): void {
    this.close();
  }
}

class WakeSource extends LeafSource {
  readonly readiness: Readiness = new Readiness(this);

  get [registrationOf](): Readiness {
    return this.readiness;
  }
}
