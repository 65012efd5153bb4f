import { type Inspect, inspected, inspectSource } from '../diagnostics/inspection.ts';
import { closedError, EvloopError } from '../errors.ts';
import { generation } from '../events.ts';
import type { Interest } from '../interest.ts';
import { registrationOf, type Source } from '../source.ts';
import type { Token } from '../token.ts';
import { forget, type Registrar } from './registrar.ts';

/**
 * The link between one leaf source (a source that delegates to no other) and one registry. It holds
 * the whole state of a registration and makes all its checks, once for all backends.
 *
 * Its two forms are `Readiness`, for sources in user space, and {@link DescriptorRegistration}, for
 * kernel descriptors. A leaf source owns one for its whole life. It delegates the three methods of
 * `Source` to it, shows it as `[registrationOf]`, and calls {@link Registration.close} when it
 * closes.
 *
 * **Registration is transactional.** The hooks (`attach`, `modify`, `detach`) are called while the
 * old state is still in place. The state changes after the hook has returned. A hook that throws
 * changes nothing.
 */
export abstract class Registration implements Source {
  /** The leaf source that this registration belongs to. */
  readonly source: Source;
  #registry: Registrar | undefined;
  #token = 0 as Token;
  #interest: Interest = 0;
  #generation = 0;
  #closed = false;

  /** @param source the leaf source; omitted by a registration that is a source itself. */
  constructor(source?: Source) {
    this.source = source ?? this;
  }

  /** The token given last. */
  get token(): Token {
    return this.#token;
  }

  /** The interest given last, or 0 while unregistered. */
  get interest(): Interest {
    return this.#interest;
  }

  get [generation](): number {
    return this.#generation;
  }

  /**
   * The registry that this source is registered with, or `undefined`. A closed registry does not
   * count.
   */
  get registry(): Registrar | undefined {
    return this.#registry?.closed === false ? this.#registry : undefined;
  }

  /** Whether the source was closed. */
  get closed(): boolean {
    return this.#closed;
  }

  /**
   * Part of `Source`.
   *
   * @throws EVLOOP_CLOSED: the source is closed. EVLOOP_ALREADY_REGISTERED: it is registered, with
   *   any registry. Whatever the hook throws.
   */
  register(registry: Registrar, token: Token, interest: Interest): void {
    this.checkOpen();
    if (this.registry !== undefined) {
      throw new EvloopError(
        'EVLOOP_ALREADY_REGISTERED',
        this.registry === registry
          ? 'the source is already registered; use reregister to change its token or interest'
          : 'the source is already registered with another registry; deregister it there first',
      );
    }
    this.attach(registry, interest);
    this.#set(registry, token, interest);
  }

  /**
   * Part of `Source`.
   *
   * @throws EVLOOP_CLOSED, EVLOOP_NOT_REGISTERED, EVLOOP_WRONG_REGISTRY, and whatever the hook
   *   throws.
   */
  reregister(registry: Registrar, token: Token, interest: Interest): void {
    this.#checkOwner(registry);
    this.modify(registry, interest);
    this.#set(registry, token, interest);
  }

  /**
   * Part of `Source`.
   *
   * @throws EVLOOP_CLOSED, EVLOOP_NOT_REGISTERED, EVLOOP_WRONG_REGISTRY.
   */
  deregister(registry: Registrar): void {
    this.#checkOwner(registry);
    this.detach(registry);
    this.#set(undefined, this.#token, 0);
  }

  /**
   * Closes this registration for good, and deregisters it first if needed. The source calls it
   * before it closes its descriptor. A second call does nothing.
   */
  close(): void {
    if (this.#closed) return;
    const registry = this.registry;
    if (registry !== undefined) {
      this.detach(registry);
      registry[forget](this.source);
    }
    this.#set(undefined, this.#token, 0);
    this.#closed = true;
  }

  /**
   * Checks that the source is open: for the operations of a source. @throws EVLOOP_CLOSED: it is
   * closed.
   */
  checkOpen(): void {
    if (this.#closed) throw closedError('the source');
  }

  /** What `console.log` prints. */
  [inspected](_depth: number, options: object, inspect?: Inspect): string {
    return inspectSource(this, this, options, inspect);
  }

  /** Hook: begins to report. The token is kept here, so a hook does not need it. */
  protected abstract attach(registry: Registrar, interest: Interest): void;
  /** Hook: replaces the interest. */
  protected abstract modify(registry: Registrar, interest: Interest): void;
  /** Hook: stops reporting. Must not throw: other code may have closed the descriptor. */
  protected abstract detach(registry: Registrar): void;

  #checkOwner(registry: Registrar): void {
    this.checkOpen();
    checkOwner(this.registry, registry);
  }

  #set(registry: Registrar | undefined, token: Token, interest: Interest): void {
    this.#registry = registry;
    this.#token = token;
    this.#interest = interest;
    this.#generation++;
  }
}

/**
 * @throws EVLOOP_NOT_REGISTERED: there is no `owner`. EVLOOP_WRONG_REGISTRY: it is not `registry`.
 */
export function checkOwner(owner: Registrar | undefined, registry: Registrar): void {
  if (owner === undefined) {
    throw new EvloopError('EVLOOP_NOT_REGISTERED', 'the source is not registered');
  }
  if (owner !== registry) {
    throw new EvloopError(
      'EVLOOP_WRONG_REGISTRY',
      'the source is registered with another registry',
    );
  }
}

/** Returns the registration of a leaf source; `undefined` for a source that delegates to others. */
export function findRegistration(source: Source): Registration | undefined {
  return (source as { readonly [registrationOf]?: Registration })[registrationOf];
}
