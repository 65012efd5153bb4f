import assert from 'node:assert/strict';
import { memoryBackend, type Parts } from '../../memory/src/memory-backend.ts';
import { conformance } from '../src/index.ts';

/**
 * Runs tests of the suite on the minimal backend with some `parts` replaced, and returns the name
 * of the first that fails.
 *
 * @param chapter the name of a chapter, or the whole name of one test.
 */
export async function firstFailure(
  chapter: string,
  parts: Partial<Parts>,
  patienceMs: number,
): Promise<string | undefined> {
  const collected: [name: string, run: () => Promise<void>][] = [];
  const collect = (name: string, run: () => Promise<void>): void => {
    if (name === chapter || name.startsWith(`${chapter}: `)) collected.push([name, run]);
  };
  const timing = { patienceMs, quietMs: 2 };
  conformance({ test: collect, backend: memoryBackend({}, parts), timing });
  assert.ok(collected.length > 0, `there is no chapter or test ‘${chapter}’`);
  for (const [name, run] of collected) {
    const passed = await run().then(
      () => true,
      () => false,
    );
    if (!passed) return name;
  }
  return undefined;
}
