import { unsupportedError } from '../errors.ts';
import { type Interest, isEdge, Mode } from '../interest.ts';
import type { Token } from '../token.ts';
import { ALL_READY, type Ready, UNMASKED } from './ready.ts';
import { type Queued, QueueEntry, queueEntry, type ReadyList, take } from './ready-list.ts';
import { type Registrar, readyList } from './registrar.ts';
import { Registration } from './registration.ts';

/**
 * User-space readiness: the registration of a source that has no descriptor and says itself when it
 * is ready. Channels, queues and parsers of a program are built on it, and so are the sockets of
 * `@evloop/net` and `@evloop/udp`. It works with the registry of every backend, kernel ones
 * included, and a change wakes a pending `poll`.
 *
 * The source keeps one truth per bit, whether its *condition* holds, by calling
 * {@link Readiness.set} and {@link Readiness.clear}. The edges follow from it:
 *
 * - A bit that is set is reported once, when it is wanted, and is then disarmed.
 * - Only `clear` arms it again. A source clears `READABLE` at the moment at which it answers
 *   `WouldBlock` to a read, and `WRITABLE` likewise: so only would-block re-arms, and only the
 *   direction that blocked.
 * - Registering and reregistering arm everything and report the conditions that hold.
 * - `ERROR`, `READ_CLOSED` and `WRITE_CLOSED` are edges of their own: they are reported whatever
 *   the interest, also while a readable is undrained.
 * - What was set and cleared again before anybody polled is withdrawn, as the kernel withdraws it.
 *
 * The bits of one source that become ready before a `poll` collects them are merged into one event.
 *
 * That is `Mode.EDGE`. With `Mode.LEVEL` every poll reports the conditions that hold; with
 * `Mode.ONESHOT` nothing is reported after one event until `reregister`. `Mode.EXCLUSIVE` is
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
  /** That of the registry which the source was registered with last. */
  #list: ReadyList | undefined;

  get [queueEntry](): QueueEntry {
    return this.#entry;
  }

  /** The conditions that hold now, whether reported or not. */
  get condition(): Ready {
    return this.#condition;
  }

  /**
   * The conditions in `bits` hold from now on. Reports those that are armed and wanted. Setting
   * what is set already is no new edge, so it costs nothing to say it again. May be called at any
   * time, also unregistered (the condition is reported upon registering) and closed (nothing
   * happens).
   */
  set(bits: Ready): void {
    this.#condition |= bits;
    if (this.registry === undefined) return;
    (this.#list as ReadyList).news++;
    this.#report(bits & this.#armed);
  }

  /**
   * The conditions in `bits` hold no longer, and their next `set` is an edge again. To be called
   * when, and only when, an operation of that direction answers `WouldBlock`.
   */
  clear(bits: Ready): void {
    this.#condition &= ~bits;
    this.#pending &= ~bits;
    this.#armed |= bits;
  }

  /**
   * Reports `bits` once, although no condition comes to hold that anybody would clear: for wakes
   * and other occasions. Several before one `poll` are one event. Lost when nothing is registered.
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

  protected attach(_registry: Registrar, _token: Token, interest: Interest): void {
    checkMode(interest);
  }

  protected modify(_registry: Registrar, _token: Token, interest: Interest): void {
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
    // What still holds when the next poll looks is told again; `clear` withdraws the rest.
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
