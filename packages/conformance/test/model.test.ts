import assert from 'node:assert/strict';
import * as core from '@evloop/core';
import * as base from '@evloop/core/backend';
import * as fastCheck from 'fast-check';
import { test } from 'vitest';
import { memoryBackend, type Parts } from '../../memory/src/memory-backend.ts';
import { MemoryStream } from '../../memory/src/memory-stream.ts';
import { modelTests, replay } from '../src/index.ts';

const seed = process.env['EVLOOP_SEED'];

modelTests({
  test: (name, run) => test(name, { timeout: 600_000 }, run),
  backend: memoryBackend(),
  fastCheck,
  runs: Number(process.env['EVLOOP_RUNS'] ?? 300),
  timeLimitMs: 240_000,
  report: (sentence) => process.stdout.write(`${sentence}\n`),
  ...(seed === undefined ? {} : { seed: Number(seed) }),
});

class MissedReArm extends core.Readiness {
  override clear(bits: core.Ready): void {
    if (bits !== core.Ready.READABLE) super.clear(bits);
  }
}

class StaleEvents extends core.Readiness {
  override get [base.generation](): number {
    return 0;
  }
}

class MaskedClose extends core.Readiness {
  override [base.take](): core.Ready {
    return super[base.take]() & (this.interest | core.Ready.ERROR);
  }
}

class BytesReordered extends MemoryStream {
  protected override hear(bytes: Uint8Array): void {
    super.hear(bytes.length > 4000 ? bytes.slice().reverse() : bytes);
  }
}

class EndForgotten extends MemoryStream {
  protected override nothingToRead(): number | core.WouldBlock {
    const size = super.nothingToRead();
    if (size === 0) this.peerEnded = false;
    return size;
  }
}

const broken: [what: string, says: RegExp, parts: Partial<Parts>][] = [
  ['re-arms no reading', /never reported:\n {2}source \d: readable/, { Readiness: MissedReArm }],
  ['yields stale events', /is not registered, but was reported/, { Readiness: StaleEvents }],
  ['masks close by the interest', /readClosed/, { Readiness: MaskedClose }],
  ['reorders bytes', /bytes \d+ to \d+ are wrong/, { Stream: BytesReordered }],
  ['forgets the end', /the end is for good/, { Stream: EndForgotten }],
];

for (const [what, says, parts] of broken) {
  test(`a program finds a backend that ${what}, and is short`, async () => {
    const collected: (() => Promise<void>)[] = [];
    const collect = (_: string, run: () => Promise<void>): void => void collected.push(run);
    const backend = memoryBackend({}, parts);
    const timing = { patienceMs: 1000, quietMs: 2 };
    modelTests({ test: collect, backend, timing, fastCheck, runs: 500, seed: 1 });
    const failure = await collected[0]?.().then(
      () => undefined,
      (error: Error) => error.message,
    );
    assert.match(failure ?? 'nothing found', says);
    const lines = failure?.match(/^ {2}(await )?world\.\w+\([\d, ]*\);$/gm) ?? [];
    assert.ok(lines.length > 1 && lines.length <= 9, failure);
    assert.match(failure ?? '', /await replay\(\{ backend \}, async \(world\) => \{/);
  });
}

test('a program that was printed can be replayed', async () => {
  const play = (backend: core.Backend): Promise<void> =>
    replay({ backend, timing: { patienceMs: 500 } }, async (world) => {
      world.register(0, 1);
      world.write(1, 60);
      await world.poll(1);
      world.read(0, 1000);
      world.read(0, 1000);
      world.write(1, 1);
      await world.finish();
    });
  await play(memoryBackend());
  await assert.rejects(play(memoryBackend({}, { Readiness: MissedReArm })), /never reported/);
});
