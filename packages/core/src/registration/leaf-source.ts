import type { Interest } from '../interest.ts';
import { registrationOf, type Source } from '../source.ts';
import type { Token } from '../token.ts';
import type { Registrar } from './registrar.ts';
import type { Registration } from './registration.ts';

/**
 * For backends: a source with a registration of its own. It shows it as `[registrationOf]`, and its
 * three methods delegate to it.
 */
export abstract class LeafSource implements Source {
  /** The registration. The same one for the source's whole life. */
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
