import assert from 'node:assert/strict';
import { Events, Interest, Token, WouldBlock } from '@evloop/core';
import { test } from 'vitest';
import { explore, swarm } from '../src/index.ts';
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
