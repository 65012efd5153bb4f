import type { Backend } from '@evloop/core';
import type { DescriptorLimit } from './descriptor-table.ts';

/**
 * Adds a test to a runner: the `test` of vitest, node:test, Bun, Jest and others as it is. Its
 * `skip` shows the tests of what a backend does not support. A runner without `skip` does not see
 * them.
 */
export interface TestFunction {
  (name: string, run: () => Promise<void>): unknown;
  readonly skip?: (name: string, run: () => Promise<void>) => unknown;
}

/** How long the suite waits. The defaults suit real sockets on a busy machine. */
export interface Timing {
  /** For something that must come, in milliseconds. A correct backend never waits so long. */
  readonly patienceMs: number;
  /** For something that must not come. */
  readonly quietMs: number;
}

/**
 * The clock that the suite waits by. The default is the host's. A backend with a time of its own
 * brings its own clock.
 */
export interface SuiteClock {
  /** The present on a monotonic clock, in milliseconds. */
  now(): number;
  /** Calls `callback` once after `delayMs` milliseconds. Returns what `clearTimeout` takes. */
  setTimeout(callback: () => void, delayMs: number): unknown;
  /** Calls off a timer. */
  clearTimeout(timer: unknown): void;
}

/** What `conformance` is given. */
export interface ConformanceOptions {
  /** The runner's. */
  readonly test: TestFunction;
  /**
   * The backend's module: `import * as backend from './my-backend.ts'`. Or two of them, to try one
   * against the other.
   */
  readonly backend: Backend | { readonly server: Backend; readonly client: Backend };
  /**
   * How the suite waits: with `poll` (the default), or with `pollSync` where the backend supports
   * it.
   */
  readonly mode?: 'async' | 'sync';
  /**
   * Where a worker thread can import the backend from: its built module. With it wakes are tried
   * from another thread, too; in a pair it is the backend's that is waited on.
   */
  readonly module?: URL | string;
  /** Rarely needed. */
  readonly timing?: Partial<Timing>;
  /** Left out where the backend lives in the host's time. */
  readonly clock?: SuiteClock;
  /**
   * How the table of descriptors is filled; left out where the backend's descriptors are this
   * process's.
   */
  readonly descriptors?: DescriptorLimit;
}

/** The part of a suite that the context of a test uses. */
export interface SuiteSettings {
  readonly server: Backend;
  readonly client: Backend;
  /** The backend whose poll is waited on. */
  readonly waiting: Backend;
  readonly mode: 'async' | 'sync';
  readonly timing: Timing;
  readonly clock: SuiteClock;
  readonly descriptors: DescriptorLimit;
}
