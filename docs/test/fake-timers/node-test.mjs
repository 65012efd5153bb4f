// The table of docs/fake-timers.md under the fake timers of node:test.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { mock, test } from 'node:test';
import { scenario, tableOf } from './scenario.mjs';

const table = tableOf(readFileSync(new URL('../../fake-timers.md', import.meta.url), 'utf8'));
const clock = {
  install: () => mock.timers.enable(),
  advance: (ms) => mock.timers.tick(ms),
  uninstall: () => mock.timers.reset(),
};

for (const name of process.env.BACKENDS.split(' ')) {
  test(`fake timers affect ${name} as the document says`, async () => {
    const backend = await import(`@evloop/${name}`);
    assert.deepEqual(await scenario(backend, table[name], clock), table[name]);
  });
}
