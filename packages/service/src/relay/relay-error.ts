import type { RelayCounts } from './relay-options.ts';

/** Why a relay has failed, which side of it, and what it had carried until then. */
export class RelayError extends Error implements RelayCounts {
  override readonly name = 'RelayError';
  /**
   * The code of the error of that side: `'ECONNRESET'`, or `'ETIMEDOUT'` when the relay was idle.
   */
  readonly code: string;
  /** The stream that has failed; `undefined` when the relay was idle. */
  readonly side: 'a' | 'b' | undefined;
  readonly aToB: number;
  readonly bToA: number;

  /** @param cause the error of the stream. */
  constructor(cause: Error & { code?: unknown }, side: 'a' | 'b' | undefined, counts: RelayCounts) {
    super(side === undefined ? cause.message : `relay side ${side}: ${cause.message}`, { cause });
    this.code = String(cause.code ?? 'UNKNOWN');
    this.side = side;
    this.aToB = counts.aToB;
    this.bToA = counts.bToA;
  }
}
