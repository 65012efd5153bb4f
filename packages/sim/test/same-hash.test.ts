import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { Events, Interest, Token, WouldBlock } from '@evloop/core';
import { test } from 'vitest';
import { simulate } from '../src/index.ts';

async function run(seed: number): Promise<string> {
  const got: string[] = [];
  const report = await simulate({ seed, network: { loss: 0.05, jitter: '1ms' } }, async (sim) => {
    sim.host('web', { ip: '10.0.0.1' }, async ({ backend }) => {
      const listener = await backend.TcpListener.bind('10.0.0.1:80');
      const poll = new backend.Poll();
      poll.registry.register(listener, Token(0), Interest.READABLE);
      const events = new Events(8);
      await poll.poll(events);
      const stream = listener.accept();
      assert.ok(stream !== WouldBlock);
      poll.registry.register(stream, Token(1), Interest.READABLE);
      const buffer = new Uint8Array(70000);
      let size = 0;
      for (;;) {
        await poll.poll(events);
        for (;;) {
          const n = stream.read(buffer);
          if (n === WouldBlock) break;
          if (n === 0) {
            got.push(`web got ${size}`);
            return;
          }
          size += n;
        }
      }
    });
    sim.host('c', async ({ backend }) => {
      const poll = new backend.Poll();
      const stream = backend.TcpStream.connect('10.0.0.1:80');
      poll.registry.register(stream, Token(1), Interest.WRITABLE);
      const events = new Events(8);
      while (stream.finishConnect() === WouldBlock) await poll.poll(events);
      const bytes = new Uint8Array(200_000);
      let at = 0;
      while (at < bytes.length) {
        const n = stream.write(bytes, at);
        if (n === WouldBlock) await poll.poll(events);
        else at += n;
      }
      stream.close();
    });
    await sim.run();
  });
  assert.deepEqual(got, ['web got 200000']);
  return report.hash;
}

test('the same seed gives the same hash', async () => {
  const first = await run(1);
  const hashes = new Set([first]);
  for (let seed = 2; seed < 50; seed++) hashes.add(await run(seed));
  assert.equal(await run(1), first);
  assert.ok(hashes.size > 40);
});

test('the same seeds give the same hashes in fresh processes', () => {
  const name = '../../../tools/ci/runtimes/simulated-program.mjs';
  const program = fileURLToPath(new URL(name, import.meta.url));
  const env = { ...process.env, NODE_OPTIONS: '' };
  const [one, other] = [1, 2].map(() => {
    const { stdout } = spawnSync(process.execPath, [program, '5'], { encoding: 'utf8', env });
    return JSON.parse(stdout) as string[];
  });
  assert.deepEqual(one, other);
  assert.equal(new Set(one).size, 5);
});
