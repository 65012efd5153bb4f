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

/** No test waits as long as this many times for something that must come. */
const WAITS_AT_MOST = 10;

/** What a chapter adds its tests to. */
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
   * The backend whose poll is waited on: the one that takes descriptors, since user-space sources
   * register with any.
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
   * Adds the tests of a chapter that makes sense only where something is supported. Elsewhere all
   * of it is seen as skipped, but for the negative twin.
   */
  addIf(supported: boolean, ability: keyof Supports, name: string, chapter: Chapter): void {
    this.#lacking = supported ? undefined : ability;
    this.add(name, chapter);
    this.#lacking = undefined;
  }

  /** Adds a test. `name` is a sentence about what is so. */
  test(name: string, body: Body): void {
    if (this.#lacking === undefined) this.#add(name, body);
    else this.#skip(this.#without(this.#lacking), name);
  }

  /**
   * Adds a test that makes sense only where something is supported, and elsewhere is seen as
   * skipped.
   */
  testIf(supported: boolean, ability: keyof Supports, name: string, body: Body): void {
    if (supported) this.test(name, body);
    else this.#skip(this.#without(this.#lacking ?? ability), name);
  }

  /**
   * Adds a test that cannot be made where there is a hindrance, and is then seen as skipped, with
   * the hindrance.
   */
  testUnless(hindrance: string | undefined, name: string, body: Body): void {
    if (hindrance === undefined) this.test(name, body);
    else this.#skip(hindrance, name);
  }

  /**
   * Adds the negative twin of such tests: where it is not supported, trying it is
   * `EVLOOP_UNSUPPORTED`.
   */
  testUnsupported(supported: boolean, ability: keyof Supports, body: Body): void {
    if (supported || (this.#lacking !== undefined && this.#lacking !== ability)) return;
    this.#add(`without supports.${ability}, trying it is refused`, body);
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
      // Not every runner has a limit, and a poll that loses an event waits for ever.
      const limitMs = WAITS_AT_MOST * this.timing.patienceMs;
      await context.within('the test ends', Promise.resolve(body(context)), limitMs);
    } finally {
      context.close();
    }
  }
}
