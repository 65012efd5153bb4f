import assert from 'node:assert/strict';
import { Context } from '../context.ts';
import { Suite } from '../suite.ts';
import type { ConformanceOptions, TestFunction } from '../suite-options.ts';
import { type Command, MEANING_COUNT, play, print } from './program.ts';
import { World } from './world.ts';

/**
 * The part of fast-check that is used. Pass the module: `import * as fastCheck from 'fast-check'`.
 */
export interface FastCheck {
  nat(max: number): unknown;
  tuple(...parts: unknown[]): unknown;
  array(each: unknown, bounds: object): unknown;
  asyncProperty(programs: unknown, run: (program: Command[]) => Promise<void>): unknown;
  check(property: unknown, parameters: object): unknown;
}

/** Options of `modelTests`. */
export interface ModelOptions extends ConformanceOptions {
  readonly fastCheck: FastCheck;
  /** The number of programs. Default: 100. */
  readonly runs?: number;
  /** No further program starts after this time, in milliseconds. Default: no limit. */
  readonly timeLimitMs?: number;
  /** Called with a sentence that says how many programs were played. */
  readonly report?: (sentence: string) => void;
  /** The seed that an earlier run printed, to repeat it. Default: random. */
  readonly seed?: number;
}

/**
 * The number of programs played side by side, each on its own sockets, so that they share the turns
 * of the host's loop. In the blocking mode, they run one after the other.
 */
const LANES = 16;

interface Details {
  readonly failed: boolean;
  readonly seed: number;
  readonly numRuns: number;
  readonly counterexample: [Command[]] | null;
  readonly errorInstance: unknown;
}

/**
 * Adds a test that plays random programs on a backend, and on a small model of the contract beside
 * it. It shortens a failing program as far as possible, and prints it as the body of a test.
 */
export function modelTests(options: ModelOptions): void {
  const { fastCheck, runs = 100, seed = Date.now() & 0x7fffffff } = options;
  // A failing program runs many times while it is shortened.
  const suite = new Suite({ ...options, timing: { patienceMs: 10_000, ...options.timing } });
  const lanes = Math.min(suite.mode === 'sync' ? 1 : LANES, runs);
  const test: TestFunction = options.test;
  test(`model: ${runs} random programs do what the contract says (seed ${seed})`, async () => {
    const { nat, tuple, array } = fastCheck;
    const command = tuple(nat(MEANING_COUNT - 1), nat(5), nat(7));
    const programs = array(command, { maxLength: 40, size: 'max' });
    let failing: number | undefined;
    const playLane = (lane: number): Promise<Details> => {
      const run = async (program: Command[]): Promise<void> => {
        if (failing !== undefined && failing !== lane) return;
        try {
          await inWorld(suite, (world) => play(world, program));
        } catch (error) {
          failing ??= lane;
          if (failing === lane) throw error;
        }
      };
      const limit = { interruptAfterTimeLimit: options.timeLimitMs, markInterruptAsFailure: false };
      const parameters = { seed: seed + lane, numRuns: Math.ceil(runs / lanes), ...limit };
      const property = fastCheck.asyncProperty(programs, run);
      return fastCheck.check(property, parameters) as Promise<Details>;
    };
    const all = await Promise.all(Array.from({ length: lanes }, (_, lane) => playLane(lane)));
    const details = all.find(({ failed }) => failed);
    if (details === undefined) {
      const played = all.reduce((sum, { numRuns }) => sum + numRuns, 0);
      const short = played < runs ? `, and then the time was up: ${options.timeLimitMs} ms` : '';
      options.report?.(
        `${suite.waiting.name}: ${played} random programs played${short}; seed ${seed}`,
      );
      return;
    }
    const cause = details.errorInstance;
    const script = print(details.counterexample?.[0] ?? []);
    const reason = cause instanceof Error ? cause.message : String(cause);
    const message = `${reason}\n\nseed ${details.seed}; the shortest program:\n\n${script}\n`;
    throw new assert.AssertionError({ message });
  });
}

/** Runs a program that `modelTests` printed, or one like it. */
export async function replay(
  options: Omit<ConformanceOptions, 'test'>,
  script: (world: World) => Promise<void>,
): Promise<void> {
  await inWorld(new Suite({ ...options, test: () => {} }), script);
}

async function inWorld(suite: Suite, script: (world: World) => Promise<void>): Promise<void> {
  const context = new Context(suite);
  try {
    await script(await World.open(context));
  } finally {
    context.close();
  }
}
