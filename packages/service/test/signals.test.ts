import { EventEmitter } from 'node:events';
import { expect, it } from 'vitest';
import { onSignals } from '../src/index.ts';
import { onSignals as onNodeSignals } from '../src/node/index.ts';

function target() {
  const calls: string[] = [];
  let drained = () => {};
  return {
    calls,
    finish: () => drained(),
    stop: () => calls.push('stop'),
    drain: ({ deadlineMs }: { deadlineMs: number }) => {
      calls.push(`drain ${deadlineMs}`);
      return new Promise<void>((resolve) => {
        drained = resolve;
      });
    },
  };
}

it('drains, then stops', async () => {
  const source = new EventEmitter();
  const one = target();
  onSignals(source, one, { SIGTERM: 'drain', SIGINT: 'stop' }, { deadlineMs: 5 });
  source.emit('SIGTERM');
  expect(one.calls).toEqual(['drain 5']);
  one.finish();
  await new Promise((resolve) => setImmediate(resolve));
  expect(one.calls).toEqual(['drain 5', 'stop']);
});

it('stops at a second signal, and where it cannot drain', () => {
  const source = new EventEmitter();
  const one = target();
  const loop = { stop: () => one.calls.push('loop') };
  onSignals(source, one, { SIGTERM: 'drain' });
  onSignals(source, loop, { SIGTERM: 'drain' });
  source.emit('SIGTERM');
  source.emit('SIGTERM');
  expect(one.calls).toEqual(['drain 10000', 'loop', 'stop', 'loop']);
});

it('lets go of the process when it is disposed', () => {
  const before = process.listenerCount('SIGTERM');
  const signals = onNodeSignals({ stop() {} });
  expect(process.listenerCount('SIGTERM')).toBe(before + 1);
  signals[Symbol.dispose]();
  expect(process.listenerCount('SIGTERM')).toBe(before);
});
