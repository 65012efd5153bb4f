import { expect, test } from 'vitest';
import { runProgram } from '../support/program.ts';

test('a registered stream lives by its registration; one that is lost is closed, with a warning', async () => {
  const { code, stdout, stderr } = await runProgram('lost-source.mjs', { node: ['--expose-gc'] });
  expect(code, stderr).toBe(0);
  const { ended, warnings, tokens, size } = JSON.parse(stdout);
  expect(ended).toBe(true);
  expect(warnings).toHaveLength(1);
  expect(warnings[0].code).toBe('EVLOOP_LOST_SOURCE');
  expect(warnings[0].message).toMatch(
    /a connection accepted by the TcpListener bound at .*lost-source\.mjs:\d+/,
  );
  expect(tokens).toEqual([1]);
  expect(size).toBe(2);
});

test('a process whose poll is settled and not asked again ends by itself', async () => {
  const { code, signal, stdout } = await runProgram('ends-by-itself.mjs');
  expect({ code, signal, stdout }).toEqual({ code: 0, signal: null, stdout: 'end\n' });
});

test('where the native object does not load, a poll is EVLOOP_UNSUPPORTED with the reason', async () => {
  const { stdout } = await runProgram('import-only.mjs', {
    env: { EVLOOP_NATIVE_DIR: '/nonexistent' },
  });
  const { name, code, message } = JSON.parse(stdout);
  expect({ name, code }).toEqual({ name: 'EvloopError', code: 'EVLOOP_UNSUPPORTED' });
  expect(message).toMatch(/^@evloop\/epoll: invalid EVLOOP_NATIVE_DIR: '\/nonexistent'/);
});
