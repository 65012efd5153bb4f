// Runs one suite in one runtime, as a child process, however it ends.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';

const program = fileURLToPath(new URL('./run-suite.mjs', import.meta.url));

/** A program without output for this long hangs. */
const SILENCE_MS = 500_000;

/**
 * Runs a suite. `expected` are the names of the tests that should fail; no test begins after
 * `deadline`. Returns `{ supports, tests, passed, skipped, failed }`: what each backend supports,
 * the names of all tests and of those with a result, and the reason of each failure.
 */
export async function runSuite(command, suite, expected, deadline) {
  const result = { supports: undefined, tests: [], passed: [], skipped: [], failed: {} };
  const names = JSON.stringify(expected);
  let done = 0;
  while (true) {
    const args = [program, suite, String(done), String(deadline), names];
    const { fate, running } = await runOnce([...command, ...args], result);
    if (fate === undefined) return result;
    // A crash before the first test: there is no test to continue after.
    result.failed[running ?? '(it does not load)'] = fate;
    if (running === undefined) return result;
    done = result.tests.indexOf(running) + 1;
  }
}

async function runOnce([file, ...args], result) {
  const child = spawn(file, args, { stdio: ['ignore', 'pipe', 'pipe'] });
  let running;
  let silent = false;
  let stderr = '';
  child.stderr.setEncoding('utf8').on('data', (text) => {
    stderr = (stderr + text).slice(-2000);
  });
  const alarm = setTimeout(() => {
    silent = true;
    child.kill('SIGKILL');
  }, SILENCE_MS);
  const ended = once(child, 'close');
  for await (const line of createInterface({ input: child.stdout })) {
    alarm.refresh();
    const said = JSON.parse(line);
    if (said.supports) Object.assign(result, said);
    if (said.passed) result.passed.push(said.passed);
    if (said.skipped && !result.skipped.includes(said.skipped)) result.skipped.push(said.skipped);
    if (said.failed) result.failed[said.failed] = said.why;
    running = said.begins;
  }
  const [code, signal] = await ended;
  clearTimeout(alarm);
  if (code === 0) return { fate: undefined };
  const last = stderr.trim().split('\n').at(-1) ?? '';
  const how = silent ? 'the process hangs' : `the process ends with ${signal ?? `exit ${code}`}`;
  return { fate: `${how} ${last}`.trim(), running };
}
