import type { Backend } from '@evloop/core';
import type { DescriptorLimit } from './descriptor-table.ts';

/**
 * Adds a test to a runner: the `test` function of vitest, node:test, Bun, Jest and others. Its
 * `skip` shows the tests that the backend does not support. A runner without `skip` does not show
 * them.
 */
export interface TestFunction {
  (name: string, run: () => Promise<void>): unknown;
  readonly skip?: (name: string, run: () => Promise<void>) => unknown;
}

/** How long the suite waits. The defaults suit real sockets on a busy machine. */
export interface Timing {
  /**
   * How long to wait for an expected event, in milliseconds. A correct backend never needs it all.
   */
  readonly patienceMs: number;
  /** How long to wait to show that no event comes, in milliseconds. */
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
  /** Cancels a timer. */
  clearTimeout(timer: unknown): void;
}

/** Options of `conformance`. */
export interface ConformanceOptions {
  /** The `test` function of the runner. */
  readonly test: TestFunction;
  /**
   * The backend's module: `import * as backend from './my-backend.ts'`. With two of them, the suite
   * tests one against the other.
   */
  readonly backend: Backend | { readonly server: Backend; readonly client: Backend };
  /**
   * How the suite waits: with `poll` (the default), or with `pollSync` if the backend supports it.
   */
  readonly mode?: 'async' | 'sync';
  /**
   * The module from which a worker thread can import the backend: its built module. With it, wakes
   * from another thread are tested too. In a pair, it belongs to the backend whose poll waits.
   */
  readonly module?: URL | string;
  /** The waiting times. Rarely needed. */
  readonly timing?: Partial<Timing>;
  /** The clock of the suite. Omit it if the backend lives in the host's time. */
  readonly clock?: SuiteClock;
  /**
   * How to fill the table of descriptors. Omit it if the backend's descriptors are this process's.
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
