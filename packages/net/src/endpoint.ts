import {
  Interest,
  type Leftover,
  type Origin,
  Readiness,
  type Registry,
  type Source,
  type Token,
  unsupportedError,
} from '@evloop/core';

/**
 * The inside of a source: what Node's handle holds by way of its listeners.
 *
 * It does not know the public object around it, so that one that the program has lost can be collected although the
 * handle lives on, and be closed then. Even its readiness has the inside as its source; only the registry holds the outside.
 */
export abstract class Endpoint implements Source, Leftover {
  readonly origin: Origin;
  readonly readiness: Readiness = new Readiness(this);

  constructor(origin: Origin) {
    this.origin = origin;
  }

  register(registry: Registry, token: Token, interest: Interest): void {
    this.#check(interest);
    this.readiness.register(registry, token, interest);
  }

  reregister(registry: Registry, token: Token, interest: Interest): void {
    this.#check(interest);
    this.readiness.reregister(registry, token, interest);
  }

  deregister(registry: Registry): void {
    this.readiness.deregister(registry);
  }

  /** Closes the handle. Called once. */
  abstract release(): void;

  #check(interest: Interest): void {
    this.readiness.checkOpen();
    if ((interest & Interest.PRIORITY) !== 0) {
      throw unsupportedError('node:net does not report out-of-band data: leave out PRIORITY');
    }
  }
}
