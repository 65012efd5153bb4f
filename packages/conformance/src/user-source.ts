import { Readiness } from '@evloop/core';
import { LeafSource, registrationOf } from '@evloop/core/backend';

/** A source of a program's own, without a descriptor: ready when the test says so. */
export class UserSource extends LeafSource {
  readonly readiness: Readiness = new Readiness(this);

  get [registrationOf](): Readiness {
    return this.readiness;
  }
  close(): void {
    this.readiness.close();
  }
}
