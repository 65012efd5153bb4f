// The table of docs/fake-timers.md under the fake timers of jest.
import { readFileSync } from 'node:fs';
import { expect, jest, test } from '@jest/globals';
import { scenario, tableOf } from './scenario.mjs';

const table = tableOf(readFileSync(new URL('../../fake-timers.md', import.meta.url), 'utf8'));
const clock = {
  install: () => jest.useFakeTimers(),
  advance: (ms) => jest.advanceTimersByTime(ms),
  uninstall: () => jest.useRealTimers(),
};

for (const name of process.env.BACKENDS.split(' ')) {
  test(`fake timers affect ${name} as the document says`, async () => {
    const backend = await import(`@evloop/${name}`);
    expect(await scenario(backend, table[name], clock)).toEqual(table[name]);
  });
}
