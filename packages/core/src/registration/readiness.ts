import { unsupportedError } from '../errors.ts';
import { type Interest, isEdge, Mode } from '../interest.ts';
import type { Token } from '../token.ts';
import { ALL_READY, type Ready, UNMASKED } from './ready.ts';
import { type Queued, QueueEntry, queueEntry, type ReadyList, take } from './ready-list.ts';
import { type Registrar, readyList } from './registrar.ts';
import { Registration } from './registration.ts';

/**
 * User-space readiness: the registration of a source without a descriptor, which itself says when
 * it is ready. Build channels, queues and parsers on it; the sockets of `@evloop/net` and
 * `@evloop/udp` are built on it too. It works with the registry of every backend, kernel backends
 * included, and a change wakes a pending `poll`.
 *
 * For each bit, the source tells whether its *condition* holds, by {@link Readiness.set} and {@link
 * Readiness.clear}. The edges follow from it:
 *
 * - A bit that is set and wanted is reported once, and is then disarmed.
 * - Only `clear` arms it again. A source clears `READABLE` when it returns `WouldBlock` to a read,
 *   and `WRITABLE` likewise. So only would-block re-arms, and only the direction that blocked.
 * - Registering and reregistering arm all bits and report the conditions that hold.
 * - `ERROR`, `READ_CLOSED` and `WRITE_CLOSED` are edges of their own: they are reported whatever
 *   the interest is, also while a readable edge is undrained.
 * - A bit that is set and cleared before the next poll is withdrawn, as in the kernel.
 *
 * The bits of one source that become ready before a `poll` collects them are merged into one event.
 *
 * This describes `Mode.EDGE`. With `Mode.LEVEL`, every poll reports the conditions that hold. With
 * `Mode.ONESHOT`, nothing is reported after one event until `reregister`. `Mode.EXCLUSIVE` throws
 * `EVLOOP_UNSUPPORTED`: there is no descriptor to share.
 *
 * @example
 * ```ts
 * class Channel<T> implements Source {
 *   readonly #queue: T[] = [];
 *   readonly #readiness = new Readiness(this);
 *   register(...args: Parameters<Source['register']>) { this.#readiness.register(...args); }
 *   reregister(...args: Parameters<Source['register']>) { this.#readiness.reregister(...args); }
 *   deregister(registry: Registry) { this.#readiness.deregister(registry); }
 *   send(item: T) { this.#queue.push(item); this.#readiness.set(Ready.READABLE); }
 *   receive(): T | WouldBlock {
 *     if (this.#queue.length > 0) return this.#queue.shift() as T;
 *     this.#readiness.clear(Ready.READABLE);
 *     return WouldBlock;
 *   }
 * }
 * ```
 */
export class Readiness extends Registration implements Queued {
  #condition: Ready = 0;
  #armed: Ready = ALL_READY;
  #pending: Ready = 0;
  #spent = false;
  readonly #entry = new QueueEntry(this);
  /** The list of the registry that the source was last registered with. */
  #list: ReadyList | undefined;

  get [queueEntry](): QueueEntry {
    return this.#entry;
  }

  /** The conditions that hold now, whether reported or not. */
  get condition(): Ready {
    return this.#condition;
  }

  /**
   * Says that the conditions in `bits` hold from now on. Reports those that are armed and wanted.
   * Setting a bit that is already set makes no new edge. Call it at any time: an unregistered
   * source reports the condition when it is registered, and a closed one reports nothing.
   */
  set(bits: Ready): void {
    this.#condition |= bits;
    if (this.registry === undefined) return;
    (this.#list as ReadyList).news++;
    this.#report(bits & this.#armed);
  }

  /**
   * Says that the conditions in `bits` no longer hold. Their next `set` is an edge again. Call it
   * when an operation of that direction returns `WouldBlock`, and only then.
   */
  clear(bits: Ready): void {
    this.#condition &= ~bits;
    this.#pending &= ~bits;
    this.#armed |= bits;
  }

  /**
   * Reports `bits` once, without a condition that must be cleared: for wakes and other occasions.
   * Several calls before one `poll` make one event. Without a registration, the call has no effect.
   */
  pulse(bits: Ready): void {
    this.#report(bits);
  }

  [take](): Ready {
    const pending = this.#pending;
    this.#pending = 0;
    if (pending !== 0 && !isEdge(this.interest)) this.#taken();
    return pending;
  }

  /** See `Registration`; also reports the conditions that hold. */
  override register(registry: Registrar, token: Token, interest: Interest): void {
    super.register(registry, token, interest);
    this.#rearm();
  }

  /**
   * See `Registration`; withdraws what is no longer wanted and reports the conditions that hold.
   */
  override reregister(registry: Registrar, token: Token, interest: Interest): void {
    super.reregister(registry, token, interest);
    this.#rearm();
  }

  protected attach(_registry: Registrar, interest: Interest): void {
    checkMode(interest);
  }

  protected modify(_registry: Registrar, interest: Interest): void {
    checkMode(interest);
  }

  protected detach(): void {
    this.#pending = 0;
  }

  #taken(): void {
    if ((this.interest & Mode.ONESHOT) !== 0) {
      this.#spent = true;
      return;
    }
    // The next poll reports again what still holds then. `clear` withdraws the rest.
    this.#armed |= this.#condition;
    this.#report(this.#condition);
  }

  #rearm(): void {
    this.#list = this.registry?.[readyList];
    this.#spent = false;
    this.#pending = 0;
    this.#armed = ALL_READY;
    this.#report(this.#condition);
  }

  #report(bits: Ready): void {
    const edge = bits & (this.interest | UNMASKED);
    if (this.registry === undefined || edge === 0 || this.#spent) return;
    this.#armed &= ~edge;
    this.#pending |= edge;
    (this.#list as ReadyList).add(this.#entry);
  }
}

function checkMode(interest: Interest): void {
  if ((interest & Mode.EXCLUSIVE) === 0) return;
  throw unsupportedError(
    'Mode.EXCLUSIVE is supported only by sources with a descriptor on a kernel backend',
  );
}
