import { type Interest, Readiness, type Registry, type Source, type Token } from '@evloop/core';
import { registrationOf } from '@evloop/core/backend';

/** A source of a program's own, without a descriptor: ready when the test says so. */
export class UserSource implements Source {
  readonly readiness: Readiness = new Readiness(this);

  get [registrationOf](): Readiness {
    return this.readiness;
  }
  register(registry: Registry, token: Token, interest: Interest): void {
    this.readiness.register(registry, token, interest);
  }
  reregister(registry: Registry, token: Token, interest: Interest): void {
    this.readiness.reregister(registry, token, interest);
  }
  deregister(registry: Registry): void {
    this.readiness.deregister(registry);
  }
  close(): void {
    this.readiness.close();
  }
}
