import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import type { Backend } from '@evloop/core';
import { expect, test, vi } from 'vitest';

interface Clock {
  install(): void;
  advance(ms: number): void;
  uninstall(): void;
}
type Outcomes = Readonly<Record<string, string>>;
interface Scenario {
  scenario(backend: Backend, expected: Outcomes | undefined, clock: Clock): Promise<Outcomes>;
  tableOf(markdown: string): Readonly<Record<string, Outcomes>>;
}

const { scenario, tableOf }: Scenario = await import(
  new URL('fake-timers/scenario.mjs', import.meta.url).href
);
const table = tableOf(readFileSync(new URL('../fake-timers.md', import.meta.url), 'utf8'));
const { unavailable } = await import('@evloop/epoll');
const backends = unavailable === undefined ? ['epoll', 'net'] : ['net'];

const clock: Clock = {
  install: () => void vi.useFakeTimers(),
  advance: (ms) => void vi.advanceTimersByTime(ms),
  uninstall: () => void vi.useRealTimers(),
};

// Without a native object the test of epoll is skipped.
test.each(['epoll', 'net'])('vitest’s fake timers affect %s as the document says', async (name) => {
  const backend: Backend =
    name === 'epoll' ? await import('@evloop/epoll') : await import('@evloop/net');
  expect(await scenario(backend, table[name], clock)).toEqual(table[name]);
});

test('the fake timers of node:test affect the backends as the document says', () => {
  const program = fileURLToPath(new URL('fake-timers/node-test.mjs', import.meta.url));
  const env = { ...process.env, NODE_OPTIONS: '', BACKENDS: backends.join(' ') };
  const { status, stdout } = spawnSync(process.execPath, [program], { encoding: 'utf8', env });
  expect(status, stdout).toBe(0);
});
