import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { platform } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { needsNative, onlyIf } from '@evloop/testing';
import { expect, test } from 'vitest';
import { ABILITIES, reportBackends } from '../src/backend-report.ts';
import { type Diagnosis, tooOld } from '../src/diagnosis.ts';
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
  expect(stdout).toMatch(/blocks the thread \(pollSync\) +\w+ +no \(\d+\)\n/);
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

test('names the reason of a missing backend, and what to do', needsNative, () => {
  const { code, stdout } = evloop(['doctor'], NO_NATIVE);
  expect(code).toBe(0);
  expect(stdout).toContain('gives the backend net');
  expect(stdout).toContain(
    'epoll is missing: the native object cannot be loaded: Cannot load native addon because ' +
      'loading addons is disabled.\n  → allow addons: leave out --no-addons',
  );
  expect(stdout).toMatch(/reports urgent TCP data +missing +no \(\d+\)/);
});

test(
  'an invalid EVLOOP_NATIVE_DIR is exit code 1, with the reason',
  onlyIf(linux, 'epoll is Linux only'),
  () => {
    const { code, stdout } = evloop(['doctor'], { EVLOOP_NATIVE_DIR: '/nonexistent' });
    expect(code).toBe(1);
    expect(stdout).toContain(
      "import … from 'evloop' fails: invalid EVLOOP_NATIVE_DIR: '/nonexistent'",
    );
    expect(stdout).toContain('→ unset EVLOOP_NATIVE_DIR, or correct it');
  },
);

test(
  'a forced backend that is missing is exit code 1, and still the whole report',
  onlyIf(linux, 'epoll is Linux only'),
  () => {
    const { code, stdout } = evloop(['doctor'], { ...NO_NATIVE, EVLOOP_BACKEND: 'epoll' });
    expect(code).toBe(1);
    expect(stdout).toContain("import … from 'evloop' fails: EVLOOP_BACKEND=epoll: this backend");
    expect(stdout).toContain('limit');
  },
);

test('each "no" and each "0" has a number, and each number a reason', () => {
  const { stdout } = evloop(['doctor']);
  const [, table = ''] = /(what it can do here.*?)\n\n/s.exec(stdout) ?? [];
  expect(table).not.toMatch(/ (?:no|0) *(?!\()(?:$| {2})/m);
  const numbers = new Set(
    Array.from(table.matchAll(/(?:no|0) \((\d+)\)/g), ([, number]) => number),
  );
  expect(numbers.size).toBeGreaterThan(0);
  for (const number of numbers) expect(table).toMatch(new RegExp(`^  \\(${number}\\) \\w`, 'm'));
});

test('--json has the same reasons', () => {
  const { backends }: Diagnosis = JSON.parse(evloop(['doctor', '--json']).stdout);
  const net = backends.find(({ name }) => name === 'net');
  expect(net?.whyNot).toMatchObject({
    pollSync: "sources become ready only while Node's loop turns",
  });
});

test('--version is the version of the package', () => {
  const { version } = JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8'));
  expect(evloop(['--version'])).toEqual({ code: 0, stdout: `${version}\n`, stderr: '' });
});

test('a Node that is too old is named, with what to expect', () => {
  expect(tooOld('18.20.8')).toMatch(/^Node 18\.20\.8 is not supported: evloop needs 20\.19/);
  expect(tooOld('20.18.3')).toContain('not supported');
  for (const version of ['20.19.0', '22.0.0', '26.10.0']) expect(tooOld(version)).toBeUndefined();
});

test("the README's command works in a clone", () => {
  const cwd = fileURLToPath(new URL('../../..', import.meta.url));
  const bin = join(cwd, 'node_modules/.bin/evloop');
  const shell = process.platform === 'win32';
  expect(execFileSync(bin, ['--version'], { cwd, encoding: 'utf8', shell })).toMatch(/^\d+\./);
});

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
  const names = { platform: 'x', arch: 'x', kernel: 'x', runtime: 'x', evloop: '1.0.0' };
  const system = { ...names, tooOld: undefined };
  const nothing = { forced: undefined, failure: undefined, backends: [], limits: [] };
  const text = formatDiagnosis({ system, chosen: 'net', ...nothing });
  expect(text).toContain('no limits that can be read');
});
