import { expect, test } from 'vitest';
import { runProgram } from './program.ts';

test('a registered stream lives by its registration; what is lost is closed, with a warning', async () => {
  const { code, stdout, stderr } = await runProgram('lost-source.mjs', ['--expose-gc']);
  expect(code, stderr).toBe(0);
  const { ended, refused, warnings, tokens, size } = JSON.parse(stdout);
  expect({ ended, refused, tokens, size }).toEqual({
    ended: true,
    refused: true,
    tokens: [1],
    size: 2,
  });
  expect(warnings.map((warning: { code: string }) => warning.code)).toEqual([
    'EVLOOP_LOST_SOURCE',
    'EVLOOP_LOST_SOURCE',
  ]);
  const messages = warnings.map((warning: { message: string }) => warning.message).sort();
  expect(messages[0]).toMatch(/: TcpListener bound at .*lost-source\.mjs:\d+/);
  expect(messages[1]).toMatch(/: a connection accepted by the TcpListener bound at .*lost-source/);
});

test('a process whose poll is settled and not asked again ends by itself', async () => {
  const { code, stdout, stderr } = await runProgram('ends-by-itself.mjs');
  expect({ code, stdout }, stderr).toEqual({ code: 0, stdout: 'end\n' });
});

test('a pending poll alone keeps the process, until it is settled', async () => {
  const { code, stdout, stderr } = await runProgram('waits.mjs');
  expect({ code, stdout }, stderr).toEqual({ code: 0, stdout: 'woken\n' });
});

test('a process does not end before what a closed stream took is delivered', async () => {
  const { code, stdout, stderr } = await runProgram('flushes.mjs');
  expect(code, stderr).toBe(0);
  const { taken, received } = JSON.parse(stdout);
  expect(taken).toBeGreaterThan(65536);
  expect(received).toBe(taken);
});
