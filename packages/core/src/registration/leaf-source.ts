import type { Interest } from '../interest.ts';
import { registrationOf, type Source } from '../source.ts';
import type { Token } from '../token.ts';
import type { Registrar } from './registrar.ts';
import type { Registration } from './registration.ts';

/**
 * For backends: the base of a source that owns its registration. It shows the registration as
 * `[registrationOf]`, and delegates its three methods to it.
 */
export abstract class LeafSource implements Source {
  /** The registration. The same object for the source's whole life. */
  abstract get [registrationOf](): Registration;

  /** For `Registry`. */
  register(registry: Registrar, token: Token, interest: Interest): void {
    this[registrationOf].register(registry, token, interest);
  }

  /** For `Registry`. */
  reregister(registry: Registrar, token: Token, interest: Interest): void {
    this[registrationOf].reregister(registry, token, interest);
  }

  /** For `Registry`. */
  deregister(registry: Registrar): void {
    this[registrationOf].deregister(registry);
  }
}
