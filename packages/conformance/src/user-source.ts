import { Readiness } from '@evloop/core';
import { LeafSource, registrationOf } from '@evloop/core/backend';

/** A user-space source that is ready when the test says so. */
export class UserSource extends LeafSource {
  readonly readiness: Readiness = new Readiness(this);

  get [registrationOf](): Readiness {
    return this.readiness;
  }
  close(): void {
    this.readiness.close();
  }
}
