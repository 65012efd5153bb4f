import type { Interest } from './interest.ts';
import type { Registrar } from './registration/registrar.ts';
import type { Token } from './token.ts';

/**
 * Anything that can be registered: a socket, a pipe, a channel of the program's own.
 *
 * Anyone may implement it, in one of three ways:
 *
 * - **Delegate** to an inner source, and pass the arguments on: `register(...args) {
 *   this.inner.register(...args) }`.
 * - **Hold a {@link Readiness}** and delegate to it. For a source without a descriptor, which says
 *   itself when it becomes readable or writable. It works with every backend's registry.
 * - **Hold a `DescriptorRegistration`**. For a source with a descriptor, on kernel backends.
 *
 * Programs never call these methods. They call the {@link Registry}, which first checks the
 * arguments and the state. So an implementation only gets valid calls.
 *
 * An error that a method throws passes through the registry unchanged, and the registry then holds
 * the state from before the call. So an implementation must throw before it changes anything.
 */
export interface Source {
  /** Begins to report to `registry`. Current readiness counts as an edge and is reported. */
  register(registry: Registrar, token: Token, interest: Interest): void;
  /** Replaces token and interest as a whole, and reports current readiness again. */
  reregister(registry: Registrar, token: Token, interest: Interest): void;
  /** Stops reporting. No event of this registration may be reported afterwards. */
  deregister(registry: Registrar): void;
}

/**
 * The key under which a leaf source shows its {@link Registration}, for the checks of `Registry`.
 */
export const registrationOf: unique symbol = Symbol.for('evloop.registration');
