import type { World } from './world.ts';

/** The sizes of reads and writes: one byte, some bytes, many bytes, and more than fits. */
const SIZES = [1, 60, 1000, 5000, 100_000];
const READY = [1, 2, 3, 8, 16, 32, 17, 63];

/** One command of a program, as a fuzzer generates it. */
export type Command = readonly [what: number, source: number, detail: number];

/** A command as a method of {@link World} and its arguments. */
type Step = { [Name in keyof World]: [Name, ...number[]] }[keyof World];

type Meaning = (source: number, detail: number) => Step;

const pick = (values: readonly number[], detail: number): number =>
  values[detail % values.length] as number;

/** Mostly the first connection, so that the commands of a program affect each other. */
const end = (source: number): number => pick([0, 1, 0, 1, 2, 3], source);
const any = (source: number): number => pick([0, 1, 4, 5, 2, 3], source);

const poll: Meaning = (_, detail) => ['poll', 1 + (detail % 4)];
const settle: Meaning = () => ['settle'];
const register: Meaning = (source, detail) => ['register', any(source), 1 + (detail % 3)];
const reregister: Meaning = (source, detail) => ['reregister', any(source), 1 + (detail % 3)];
const write: Meaning = (source, detail) => ['write', end(source), pick(SIZES, detail)];
const read: Meaning = (source, detail) => ['read', end(source), pick(SIZES, detail)];
const drain: Meaning = (source) => ['drain', end(source)];
// Megabytes cost time, so only sometimes.
const fill: Meaning = (source, detail) =>
  detail < 6 ? write(source, detail) : ['fill', end(source)];

// The most harmless first: a failing program shrinks towards them.
const MEANINGS: readonly Meaning[] = [
  ...[poll, settle, register, write, read, drain],
  ...[settle, register, write, drain],
  ...[reregister, fill],
  (source) => ['deregister', any(source)],
  (source, detail) => ['setReady', 4 + (source % 2), pick(READY, detail)],
  (source, detail) => ['clearReady', 4 + (source % 2), pick(READY, detail)],
  (source, detail) => ['pulse', 4 + (source % 2), pick(READY, detail)],
  () => ['wake'],
  (source) => ['pollAndDeregister', any(source)],
  (source) => ['shutdown', end(source)],
  (source) => ['close', any(source)],
];

/** The number of meanings of a command. */
export const MEANING_COUNT: number = MEANINGS.length;

/** Runs the program. Then checks that everything arrives and that nothing more is reported. */
export async function play(world: World, program: readonly Command[]): Promise<void> {
  for (const command of program) {
    const [name, ...rest] = step(command);
    await (world[name] as (...rest: number[]) => void | Promise<void>).apply(world, rest);
  }
  await world.finish();
}

/** Returns the program as the body of a test: see `replay`. */
export function print(program: readonly Command[]): string {
  const lines = [...program.map(step), ['finish'] as Step].map(([name, ...rest]) => {
    const waits = ['poll', 'settle', 'pollAndDeregister', 'finish'].includes(name);
    return `  ${waits ? 'await ' : ''}world.${name}(${rest.join(', ')});`;
  });
  return `await replay({ backend }, async (world) => {\n${lines.join('\n')}\n});`;
}

function step([what, source, detail]: Command): Step {
  return (MEANINGS[what % MEANINGS.length] as Meaning)(source, detail);
}
