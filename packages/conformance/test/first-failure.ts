import assert from 'node:assert/strict';
import { memoryBackend, type Parts } from '../../memory/src/memory-backend.ts';
import { conformance } from '../src/index.ts';

/** Runs one chapter on the minimal backend with some `parts` replaced, and answers the first test that fails. */
export async function firstFailure(
  chapter: string,
  parts: Partial<Parts>,
  patienceMs: number,
): Promise<string | undefined> {
  const collected: [name: string, run: () => Promise<void>][] = [];
  const collect = (name: string, run: () => Promise<void>): void => {
    if (name.startsWith(`${chapter}: `)) collected.push([name, run]);
  };
  const timing = { patienceMs, quietMs: 2 };
  conformance({ test: collect, backend: memoryBackend({}, parts), timing });
  assert.ok(collected.length > 0, `there is no chapter ‘${chapter}’`);
  for (const [name, run] of collected) {
    const passed = await run().then(
      () => true,
      () => false,
    );
    if (!passed) return name;
  }
  return undefined;
}
