import assert from 'node:assert/strict';
import { test } from 'vitest';
import { memoryBackend } from '../../memory/src/memory-backend.ts';
import { MemoryPoll } from '../../memory/src/memory-poll.ts';
import { conformance } from '../src/index.ts';
import { LosesPulses } from './loses-pulses.ts';

/** Runs the suite, or one chapter of it, and answers the names of the tests that fail. */
async function failures(Poll: typeof MemoryPoll, patienceMs: number, of = ''): Promise<string[]> {
  const tests: [name: string, run: () => Promise<void>][] = [];
  const collect = (name: string, run: () => Promise<void>): void => void tests.push([name, run]);
  const timing = { patienceMs, quietMs: 2 };
  conformance({ test: collect, backend: memoryBackend({}, { Poll }), timing });
  const failed: string[] = [];
  for (const [name, run] of tests) {
    if (name.startsWith(of)) await run().catch(() => failed.push(name));
  }
  return failed;
}

test('a lost pulse fails each test that waits for it, and hangs none', async () => {
  const failed = await failures(LosesPulses, 100);
  for (const chapter of ['timeouts', 'waker', 'user-space readiness', 'pending polls']) {
    assert.ok(
      failed.some((name) => name.startsWith(`${chapter}: `)),
      `${chapter} should have failed`,
    );
  }
});

/** Its promises stay pending, whatever happens. */
class NeverAnswers extends MemoryPoll {
  override poll(): Promise<number> {
    return new Promise(() => {});
  }
}

test('a poll that never answers fails each test that polls, and hangs none', async () => {
  const failed = await failures(NeverAnswers, 10, 'waker: ');
  assert.ok(failed.includes('waker: a wake ends a pending poll'));
  assert.ok(failed.includes('waker: several wakes before a poll are one event'));
});
