import type { Interest } from './interest.ts';
import type { Registrar } from './registration/registrar.ts';
import type { Token } from './token.ts';

/**
 * Anything that can be registered: a socket, a pipe, a channel of the program's own.
 *
 * Anyone may implement it, in one of three ways:
 *
 * - **Delegate** to a source inside, passing on the arguments:
 *   `register(...args) { this.inner.register(...args) }`.
 * - **Hold a {@link Readiness}** and delegate to it: a source without a descriptor, which says
 *   itself when it becomes readable or writable. It works with every backend's registry.
 * - **Hold a `DescriptorRegistration`**: a source with a descriptor, for kernel backends.
 *
 * Programs never call these methods. They call the {@link Registry}, which checks the arguments and
 * the state first, so an implementation sees only calls that make sense.
 *
 * An error that a method throws passes through the registry unchanged, and the registry then holds
 * the state from before the call: an implementation must throw before it changes anything.
 */
export interface Source {
  /** Begins to report to `registry`. Current readiness counts as an edge and is reported. */
  register(registry: Registrar, token: Token, interest: Interest): void;
  /** Replaces token and interest as a whole, and reports current readiness anew. */
  reregister(registry: Registrar, token: Token, interest: Interest): void;
  /** Ends reporting. No event of this registration may be reported afterwards. */
  deregister(registry: Registrar): void;
}

/** Where a leaf source shows its {@link Registration}, for the checks of `Registry`. */
export const registrationOf: unique symbol = Symbol.for('evloop.registration');
