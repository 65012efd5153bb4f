import assert from 'node:assert/strict';
import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import net from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as later } from 'node:timers/promises';
import { Worker } from 'node:worker_threads';
import { Events, Interest, Token } from '@evloop/core';
import { test } from 'vitest';
import { explore, type HostContext, type Program, swarm } from '../src/index.ts';

// Taken before any simulation starts, as a module does that keeps what it needs.
const realNow = performance.now.bind(performance);
const realTimer = setTimeout;

async function failureOf(program: Program): Promise<string | undefined> {
  const report = await explore({ verify: true }, async (sim) => {
    sim.host('one', program);
    await sim.run('10s');
  });
  return report.found?.failure.message;
}

/** Waits for so many milliseconds that a difference shows in the trace. */
async function show({ backend }: HostContext, value: number): Promise<void> {
  const poll = new backend.Poll();
  const events = new Events(1);
  await poll.poll(events, 1 + (value % 1000));
}

test('the same seed gives the same hash, also after 100 other seeds', async () => {
  const run = (seed: number, runs = 1) =>
    explore({ seed, runs, faults: swarm() }, async (sim) => {
      sim.hosts('c', 2, async (context) => {
        await show(context, Math.random() * 1000);
        await later(Math.random() * 10);
        await show(context, Date.now() + performance.now());
      });
      await sim.run('20s');
    });
  const first = await run(7);
  await run(1000, 100);
  const again = await run(7);
  assert.equal(first.found, undefined);
  assert.equal(again.hash, first.hash);
  assert.notEqual((await run(8)).hash, first.hash);
});

test('a clock that was taken before the start is reported, with the first event that differs', async () => {
  const message = await failureOf((context) => show(context, realNow() * 1000));
  assert.match(message ?? '', /the same seed gives different runs.*first difference: event \d+/);
});

test('a timer that was taken before the start is reported', async () => {
  const message = await failureOf(() => void realTimer(() => {}, 1));
  assert.match(message ?? '', /host one starts a real timer: it was taken before/);
});

test('a worker thread is reported', async () => {
  const message = await failureOf(async () => {
    await new Worker('', { eval: true }).terminate();
  });
  assert.match(message ?? '', /host one starts a worker thread/);
});

test('relying on the order of a directory is reported', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'evloop-'));
  for (const name of ['a', 'b', 'c']) writeFileSync(join(folder, name), '');
  const fs = await import('node:fs');
  const message = await failureOf((context) =>
    show(context, fs.default.readdirSync(folder).indexOf('a')),
  );
  rmSync(folder, { recursive: true });
  assert.match(message ?? '', /the same seed gives different runs/);
  assert.equal(typeof readdirSync, 'function');
});

test('opening a real socket inside a host is an error that names it', async () => {
  const message = await failureOf(() => void net.connect(9, '127.0.0.1'));
  assert.match(message ?? '', /host one opens a real socket: net\.Socket\.connect\(.*9/);
});

test('foreign work stops the clock until it is done', async () => {
  const { readFile } = await import('node:fs/promises');
  let waited = -1;
  const report = await explore({}, async (sim) => {
    sim.host('one', async () => {
      const start = performance.now();
      await readFile(new URL(import.meta.url));
      waited = performance.now() - start;
    });
    await sim.run();
  });
  assert.equal(report.found, undefined);
  assert.equal(waited, 0);
});

test('outside of hosts everything is real, and stays so', async () => {
  const before = Date.now();
  await explore({}, async (sim) => {
    sim.host('one', async () => {
      assert.equal(new Date().toISOString().slice(0, 10), '2026-01-01');
      await later(5000);
    });
    await sim.run();
    assert.ok(Date.now() - before < 600_000);
  });
  assert.equal(setTimeout, realTimer);
});

test('a campaign counts the states that it reached, and the new ones in each 100 runs', async () => {
  const report = await explore({ runs: 150, faults: swarm() }, async (sim) => {
    sim.host('one', async ({ backend }) => {
      const listener = await backend.TcpListener.bind('127.0.0.1:80');
      const stream = backend.TcpStream.connect('127.0.0.1:80');
      const poll = new backend.Poll();
      poll.registry.register(listener, Token(0), Interest.READABLE);
      poll.registry.register(stream, Token(1), Interest.WRITABLE);
      await poll.poll(new Events(4), 100);
    });
    await sim.run('5s');
  });
  assert.ok(report.coverage.size >= 2, [...report.coverage].join());
  assert.equal(report.newCoverage.length, 2);
  const sum = report.newCoverage.reduce((total, each) => total + each, 0);
  assert.equal(sum, report.coverage.size);
});
