import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Events, Interest, Token, WouldBlock } from '@evloop/core';
import { test } from 'vitest';
import { explore, formatReport, swarm } from '../src/index.ts';
import { readUntilEnd } from './programs.ts';

// Reads once for each event, and so waits for ever for what a short read has left.
test('a lost wake-up is found, and shrunk to what it needs', async () => {
  const report = await explore(
    { seed: 1, runs: 200, faults: swarm({ crash: undefined, powerOff: undefined }) },
    async (sim) => {
      sim.host('web', { ip: '10.0.0.1' }, async ({ backend }) => {
        await readUntilEnd(backend, '10.0.0.1:80', 'once');
      });
      sim.host('c', async ({ backend }) => {
        const poll = new backend.Poll();
        const stream = backend.TcpStream.connect('10.0.0.1:80');
        poll.registry.register(stream, Token(1), Interest.WRITABLE);
        const events = new Events(8);
        while (stream.finishConnect() === WouldBlock) await poll.poll(events);
        for (let i = 0; i < 3; i++) {
          stream.write(Buffer.from('hello'));
          await poll.poll(events, 100);
        }
        stream.close();
      });
      await sim.run();
    },
  );
  assert.equal(report.found?.failure.kind, 'deadlock', report.found?.failure.message);
  assert.ok(report.found.choices.length <= 2, JSON.stringify(report.found.choices));
});

test('hosts that a failure does not need are left out, and what comes behind it', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'evloop-'));
  const report = await explore(
    { name: 'fewer', runs: 20, until: '500s', replayFolder: folder, faults: { crash: ['c*'] } },
    async (sim) => {
      let restarted = false;
      sim.hosts('c', 4, async ({ incarnation }) => {
        if (incarnation > 1) restarted = true;
        await new Promise(() => setTimeout(() => {}, 400_000));
      });
      sim.always('nobody starts again', () => !restarted);
      await sim.run();
    },
  );
  const { found } = report;
  assert.equal(found?.failure.message, 'broken invariant: nobody starts again');
  assert.deepEqual(found.hosts, { c: 1 });
  assert.ok((found.until ?? Infinity) < 100e9, `${found.until}`);
  assert.match(formatReport(report), /^with fewer hosts: 1 of 'c'$/m);
  const replay = JSON.parse(readFileSync(found.replayFile as string, 'utf8'));
  assert.deepEqual([replay.hosts, replay.until], [{ c: 1 }, found.until]);
  rmSync(folder, { recursive: true });
});

test('hosts that an expectation counts are kept', async () => {
  const { found } = await explore({ runs: 20, faults: { crash: ['c*'] } }, async (sim) => {
    let starts = 0;
    sim.hosts('c', 3, async () => {
      starts++;
      await new Promise(() => setTimeout(() => {}, 50_000));
    });
    await sim.run('30s');
    await sim.eventually('three have started', () => starts === 3, '1s');
  });
  assert.equal(found?.hosts, undefined);
});
