/** What kind of expectation was broken. */
export type FailureKind =
  | 'always'
  | 'eventually'
  | 'deadlock'
  | 'program'
  | 'leak'
  | 'sometimes'
  | 'body';

/** Why a run failed. */
export class Failure extends Error {
  override readonly name = 'SimulationFailure';
  readonly kind: FailureKind;

  constructor(kind: FailureKind, message: string, cause?: unknown) {
    super(message, cause === undefined ? undefined : { cause });
    this.kind = kind;
  }
}
