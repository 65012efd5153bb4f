import { platform } from 'node:os';
import { expect, test } from 'vitest';
import { ABILITIES, reportBackends } from '../src/backend-report.ts';
import type { Diagnosis } from '../src/diagnosis.ts';
import { formatDiagnosis } from '../src/diagnosis-text.ts';
import { NO_NATIVE, runNode } from './run-node.ts';

const linux = platform() === 'linux';
const evloop = (args: string[], env?: NodeJS.ProcessEnv) => runNode(['dist/cli.js', ...args], env);

test('says what is chosen, what each can do, and the limits', () => {
  const { code, stdout, stderr } = evloop(['doctor']);
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
  expect(stdout).toMatch(/^evloop \d+\.\d+\.\d+ on \w+ \w+\n/);
  expect(stdout).toContain(`Node ${process.versions.node} (`);
  expect(stdout).toMatch(/gives the backend (?:epoll|net) \(the best one that loads\)/);
  expect(stdout).toMatch(/blocks the thread \(pollSync\) +\w+ +no\n/);
  if (linux) expect(stdout).toMatch(/net\.core\.somaxconn +\d+ /);
});

test('--json is the same as data', () => {
  const { code, stdout } = evloop(['doctor', '--json'], { EVLOOP_BACKEND: 'net' });
  const diagnosis: Diagnosis = JSON.parse(stdout);
  expect({ code, ...diagnosis }).toMatchObject({ code: 0, forced: 'net', chosen: 'net' });
  expect(diagnosis.backends.map(({ name }) => name)).toEqual(['epoll', 'net']);
  if (linux) {
    const files = diagnosis.limits.find(({ name }) => name === 'RLIMIT_NOFILE soft');
    expect(files?.value).toMatch(/^(?:\d+|unlimited)$/);
  }
});

test.runIf(linux)('names the reason of a missing backend, and what to do', () => {
  const { code, stdout } = evloop(['doctor'], NO_NATIVE);
  expect(code).toBe(0);
  expect(stdout).toContain('gives the backend net');
  expect(stdout).toContain(
    'epoll is missing: the native object cannot be loaded: Cannot load native addon because ' +
      'loading addons is disabled.\n  → allow addons: leave out --no-addons',
  );
  expect(stdout).toMatch(/reports urgent TCP data +missing +no/);
});

test.runIf(linux)('an invalid EVLOOP_NATIVE_DIR is exit code 1, with the reason', () => {
  const { code, stdout } = evloop(['doctor'], { EVLOOP_NATIVE_DIR: '/nonexistent' });
  expect(code).toBe(1);
  expect(stdout).toContain(
    "import … from 'evloop' fails: invalid EVLOOP_NATIVE_DIR: '/nonexistent'",
  );
  expect(stdout).toContain('→ unset EVLOOP_NATIVE_DIR, or correct it');
});

test.runIf(linux)(
  'a forced backend that is missing is exit code 1, and still the whole report',
  () => {
    const { code, stdout } = evloop(['doctor'], { ...NO_NATIVE, EVLOOP_BACKEND: 'epoll' });
    expect(code).toBe(1);
    expect(stdout).toContain("import … from 'evloop' fails: EVLOOP_BACKEND=epoll: this backend");
    expect(stdout).toContain('limit');
  },
);

test('another command line is exit code 2, with the usage or the mistake', () => {
  expect(evloop([])).toMatchObject({ code: 2, stdout: '' });
  expect(evloop(['nurse']).stderr).toContain('Usage: evloop doctor [--json]');
  expect(evloop(['doctor', '--xml']).stderr).toMatch(/^evloop: Unknown option '--xml'/);
  expect(evloop(['--help'])).toMatchObject({ code: 0, stderr: '' });
});

test('every ability has words', () => {
  const reports = reportBackends();
  for (const { supports } of reports) {
    if (supports) expect(Object.keys(ABILITIES).sort()).toEqual(Object.keys(supports).sort());
  }
});

test('a system without readable limits is said to have none', () => {
  const system = { platform: 'x', arch: 'x', kernel: 'x', runtime: 'x', evloop: '1.0.0' };
  const nothing = { forced: undefined, failure: undefined, backends: [], limits: [] };
  const text = formatDiagnosis({ system, chosen: 'net', ...nothing });
  expect(text).toContain('no limits that can be read');
});
