import { type Channel, openChannel } from './diagnostics/channel.ts';
import { type Inspect, inspectAs, inspected } from './diagnostics/inspection.ts';
import { closedError, EvloopError, isEvloopError } from './errors.ts';
import { checkInterest, type Interest } from './interest.ts';
import type { ReadyList } from './registration/ready-list.ts';
import {
  descriptors,
  forget,
  openRemoteWake,
  type Registrar,
  readyList,
} from './registration/registrar.ts';
import { checkOwner, findRegistration, Registration } from './registration/registration.ts';
import type { DescriptorSelector, Selector } from './selector.ts';
import type { Source } from './source.ts';
import { Token } from './token.ts';
import type { RemoteWake } from './wake/remote-wake.ts';

/** The key of the method by which a `Poll` closes its registry. */
export const closeRegistry: unique symbol = Symbol.for('evloop.closeRegistry');

/** The message of `evloop:register` and `evloop:reregister`. */
export interface RegistrationMessage {
  /** The `poll.registry` of its poll. */
  readonly registry: Registry;
  readonly source: Source;
  readonly token: Token;
  readonly interest: Interest;
}

/** The message of `evloop:deregister`. */
export interface DeregistrationMessage {
  readonly registry: Registry;
  readonly source: Source;
  /** `undefined` for a source that delegates to others. */
  readonly token: Token | undefined;
}

const registers: Channel<RegistrationMessage> = openChannel('evloop:register');
const reregisters: Channel<RegistrationMessage> = openChannel('evloop:reregister');
const deregisters: Channel<DeregistrationMessage> = openChannel('evloop:deregister');

/**
 * Where sources are registered with a {@link Poll}: `poll.registry`.
 *
 * All three methods may be called at any time, also while a `poll` is pending: the change takes
 * effect in it. Each method is transactional: if it throws, the registration stays as it was
 * before.
 *
 * **A registered source is alive.** The registry holds every source that is registered with it. So
 * a stream that goes out of the program's scope keeps working, and its events still carry its
 * token.
 */
export class Registry implements Registrar {
  readonly [readyList]: ReadyList;
  readonly #selector: Selector;
  readonly #sources: Set<Source> = new Set();
  #closed = false;

  /** For `Poll`, which makes its own registry. Programs make none. */
  constructor(selector: Selector, list: ReadyList) {
    this.#selector = selector;
    this[readyList] = list;
  }

  get [descriptors](): DescriptorSelector | undefined {
    return this.#selector.descriptors;
  }

  [openRemoteWake](wake: () => void): RemoteWake | undefined {
    this.#checkOpen();
    return this.#selector.openRemoteWake?.(wake);
  }

  /** The number of sources that are registered here, open wakers included. */
  get size(): number {
    return this.#sources.size;
  }

  /** What `console.log` prints. */
  [inspected](_depth: number, options: object, inspect?: Inspect): string {
    return inspectAs(
      this,
      { state: this.closed ? 'closed' : 'open', size: this.size },
      options,
      inspect,
    );
  }

  /** Whether the poll of this registry was closed. */
  get closed(): boolean {
    return this.#closed;
  }

  /**
   * Begins to report `source` under `token`. Current readiness counts as an edge: the next `poll`
   * reports it.
   *
   * @throws EVLOOP_ALREADY_REGISTERED: the source is registered, with this registry or another.
   *   EVLOOP_CLOSED: the source or the poll is closed. EVLOOP_UNSUPPORTED: the source needs a
   *   descriptor that this backend cannot take. TypeError or RangeError: an argument is invalid. A
   *   {@link SystemError}: the kernel refuses.
   */
  register(source: Source, token: Token, interest: Interest): void {
    this.#check(source, token, interest);
    if (this.#sources.has(source) || customOwner(source) !== undefined) {
      throw new EvloopError('EVLOOP_ALREADY_REGISTERED', 'the source is already registered');
    }
    source.register(this, token, interest);
    this.#sources.add(source);
    if (findRegistration(source) === undefined) customOwners.set(source, this);
    if (registers.hasSubscribers) registers.publish({ registry: this, source, token, interest });
  }

  /**
   * Replaces token and interest as a whole. Withdraws pending readiness that is no longer wanted,
   * and reports current readiness again, also with the same arguments. So a program can ask for a
   * report again.
   *
   * @throws EVLOOP_NOT_REGISTERED: the source is not registered. EVLOOP_WRONG_REGISTRY: it is
   *   registered with another registry. And as `register`.
   */
  reregister(source: Source, token: Token, interest: Interest): void {
    this.#check(source, token, interest);
    this.#checkMember(source);
    source.reregister(this, token, interest);
    if (reregisters.hasSubscribers)
      reregisters.publish({ registry: this, source, token, interest });
  }

  /**
   * Stops reporting `source`, which stays open. No event of it is yielded afterwards, not even from
   * the current batch. Data that has arrived stays in the source, and is reported when it is
   * registered again.
   *
   * Closing a source deregisters it. Call this only to keep the source open.
   *
   * @throws EVLOOP_NOT_REGISTERED, EVLOOP_WRONG_REGISTRY, EVLOOP_CLOSED.
   */
  deregister(source: Source): void {
    this.#checkOpen();
    checkSource(source);
    this.#checkMember(source);
    try {
      source.deregister(this);
    } catch (error) {
      // The inner source of a delegating source was closed: it will report nothing, so it is not
      // kept.
      if (isEvloopError(error, 'EVLOOP_CLOSED')) this[forget](source);
      throw error;
    }
    this[forget](source);
  }

  [forget](source: Source): void {
    const known = this.#sources.delete(source);
    customOwners.delete(source);
    if (known && deregisters.hasSubscribers) this.#tell(source);
  }

  [closeRegistry](): void {
    this.#closed = true;
    for (const source of this.#sources) {
      customOwners.delete(source);
      if (deregisters.hasSubscribers) this.#tell(source);
    }
    this.#sources.clear();
  }

  #tell(source: Source): void {
    const registration = source instanceof Registration ? source : findRegistration(source);
    const token = registration?.token;
    deregisters.publish({ registry: this, source, token });
  }

  #check(source: Source, token: Token, interest: Interest): void {
    this.#checkOpen();
    checkSource(source);
    Token(token);
    checkInterest(interest);
  }

  #checkOpen(): void {
    if (this.#closed) throw closedError('the poll of this registry');
  }

  #checkMember(source: Source): void {
    if (this.#sources.has(source)) return;
    const registration = findRegistration(source);
    registration?.checkOpen();
    checkOwner(registration === undefined ? customOwner(source) : registration.registry, this);
  }
}

// Leaf sources know their registry. For delegating sources, this map knows it: by source and not by
// registry, so that a source cannot be registered twice with two registries.
const customOwners = new WeakMap<Source, Registrar>();

function customOwner(source: Source): Registrar | undefined {
  const registration = findRegistration(source);
  return registration === undefined ? customOwners.get(source) : undefined;
}

function checkSource(source: Source): void {
  const methods = source as Partial<Source> | null | undefined;
  if (
    typeof methods?.register !== 'function' ||
    typeof methods.reregister !== 'function' ||
    typeof methods.deregister !== 'function'
  ) {
    throw new TypeError(
      'invalid source (expected an object with register, reregister and deregister methods)',
    );
  }
}
