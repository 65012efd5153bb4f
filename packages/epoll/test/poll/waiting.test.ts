import { expect, test } from 'vitest';
import { runProgram } from '../support/program.ts';

for (const mode of ['async', 'sync']) {
  test(`${mode}: a listener that ran out of descriptors is reported again when there are some, without a new client`, async () => {
    const { stdout, stderr } = await runProgram('accept-recovery.mjs', {
      args: [mode],
      before: 'ulimit -n 256',
    });
    const { accepted, errors } = JSON.parse(stdout || stderr);
    expect(accepted).toBe(20);
    expect(errors.length).toBeGreaterThanOrEqual(2);
    expect(errors[0]).toEqual({ code: 'EMFILE', transient: true, message: 'accept EMFILE' });
  });
}

test('timers of the process go on while poll serves a flood', async () => {
  const { stdout, stderr } = await runProgram('flooded-timers.mjs');
  const { bytes, timers, most } = JSON.parse(stdout || stderr);
  expect(bytes).toBeGreaterThan(1 << 20);
  expect(timers).toBeGreaterThan(10);
  // 64 answers at once, and the one that comes with the turn of the loop.
  expect(most).toBeLessThanOrEqual(65);
});

test('poll answers 64 times, and once more with each turn of the loop, however cheap it is', async () => {
  const { stdout, stderr } = await runProgram('answers-per-turn.mjs');
  expect(JSON.parse(stdout || stderr).most).toBeLessThanOrEqual(65);
});

for (const mode of ['async', 'sync']) {
  test(`${mode}: a wait that signals interrupt goes on with the time that remains, and ends when it is over`, async () => {
    const { code, stdout, stderr } = await runProgram('interrupted-wait.mjs', { args: [mode] });
    expect(code, stderr).toBe(0);
    expect(JSON.parse(stdout)).toMatchObject({ count: 0, early: false });
  });
}
