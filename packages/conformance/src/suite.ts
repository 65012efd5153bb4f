import type { Backend, Supports } from '@evloop/core';
import { Context } from './context.ts';
import { type DescriptorLimit, processTable } from './descriptor-table.ts';
import type {
  ConformanceOptions,
  SuiteClock,
  SuiteSettings,
  TestFunction,
  Timing,
} from './suite-options.ts';

const hostClock: SuiteClock = {
  now: () => performance.now(),
  setTimeout: (callback, delayMs) => setTimeout(callback, delayMs),
  clearTimeout: (timer) => clearTimeout(timer as NodeJS.Timeout),
};

/** The body of a test. Everything that `context` made is closed afterwards. */
export type Body = (context: Context) => void | Promise<void>;

/** A chapter of the contract: it adds its tests to the suite. */
export type Chapter = (suite: Suite) => void;

/** No test waits longer than this many times the patience. */
const WAITS_AT_MOST = 10;

/** A suite, to which chapters add their tests. */
export class Suite implements SuiteSettings {
  readonly server: Backend;
  readonly client: Backend;
  readonly mode: 'async' | 'sync';
  readonly timing: Timing;
  readonly module: URL | string | undefined;
  readonly clock: SuiteClock;
  readonly descriptors: DescriptorLimit;
  readonly #test: TestFunction;
  #chapter = '';
  #lacking: keyof Supports | undefined;

  constructor(options: ConformanceOptions) {
    const { backend, mode = 'async', timing } = options;
    this.#test = options.test;
    this.server = 'server' in backend ? backend.server : backend;
    this.client = 'client' in backend ? backend.client : backend;
    this.mode = mode;
    this.module = options.module;
    this.clock = options.clock ?? hostClock;
    this.descriptors = options.descriptors ?? processTable;
    this.timing = { patienceMs: 20_000, quietMs: 20, ...timing };
    if (mode === 'sync' && !this.supports.pollSync) {
      throw new Error(`${this.waiting.name} has no pollSync: run it with mode 'async'`);
    }
  }

  /**
   * The backend whose poll is waited on: the one that takes descriptors, because user-space sources
   * register with any backend.
   */
  get waiting(): Backend {
    return this.client.supports.descriptors ? this.client : this.server;
  }

  /** What the backend that is waited on supports. */
  get supports(): Supports {
    return this.waiting.supports;
  }

  /** Adds the tests of a chapter, under its name. */
  add(name: string, chapter: Chapter): void {
    this.#chapter = name;
    chapter(this);
  }

  /**
   * Adds a chapter that applies only if something is supported. Otherwise all its tests are
   * reported as skipped, except the negative twin.
   */
  addIf(supported: boolean, ability: keyof Supports, name: string, chapter: Chapter): void {
    this.#lacking = supported ? undefined : ability;
    this.add(name, chapter);
    this.#lacking = undefined;
  }

  /** Adds a test. `name` is a sentence of the contract. */
  test(name: string, body: Body): void {
    if (this.#lacking === undefined) this.#add(name, body);
    else this.#skip(this.#without(this.#lacking), name);
  }

  /**
   * Adds a test that applies only if something is supported. Otherwise it is reported as skipped.
   */
  testIf(supported: boolean, ability: keyof Supports, name: string, body: Body): void {
    if (supported) this.test(name, body);
    else this.#skip(this.#without(this.#lacking ?? ability), name);
  }

  /** Adds a test. With a `hindrance`, the test is reported as skipped, for that reason. */
  testUnless(hindrance: string | undefined, name: string, body: Body): void {
    if (hindrance === undefined) this.test(name, body);
    else this.#skip(hindrance, name);
  }

  /**
   * Adds the negative twin of such tests: without support, using the ability throws
   * `EVLOOP_UNSUPPORTED`.
   */
  testUnsupported(supported: boolean, ability: keyof Supports, body: Body): void {
    if (supported || (this.#lacking !== undefined && this.#lacking !== ability)) return;
    this.#add(`without supports.${ability}, using it throws EVLOOP_UNSUPPORTED`, body);
  }

  #add(name: string, body: Body): void {
    this.#test(`${this.#chapter}: ${name}`, () => this.#run(body));
  }

  #without(ability: keyof Supports): string {
    const lists = Array.isArray(this.supports[ability]);
    return `supports.${ability} ${lists ? 'does not list it' : 'is false'}`;
  }

  #skip(why: string, name: string): void {
    const title = `${this.#chapter}: ${name} (skipped: ${why})`;
    this.#test.skip?.(title, async () => {});
  }

  async #run(body: Body): Promise<void> {
    const context = new Context(this);
    try {
      // Some runners have no time limit, and a poll that loses an event waits for ever.
      const limitMs = WAITS_AT_MOST * this.timing.patienceMs;
      await context.within('the test ends', Promise.resolve(body(context)), limitMs);
    } finally {
      context.close();
    }
  }
}
