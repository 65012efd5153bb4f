// A project outside the workspace that uses the published packages as its author would: installs,
// type-checks and runs.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { compilerOptions } from '../ci/strict-project.mjs';

const root = fileURLToPath(new URL('../..', import.meta.url));
const program = (name) => readFileSync(new URL(`./${name}`, import.meta.url), 'utf8');

/** @param npmrc the lines that name the registry. */
export function createProject(folder, npmrc, environment) {
  mkdirSync(folder, { recursive: true });
  const { EVLOOP_NATIVE_DIR: _, EVLOOP_BACKEND: __, ...env } = environment;
  const run = (file, args, variables = {}) =>
    execFileSync(file, args, {
      cwd: folder,
      encoding: 'utf8',
      env: { ...env, ...variables },
      stdio: ['ignore', 'pipe', 'inherit'],
      timeout: 600_000,
    });
  const write = (name, text) => writeFileSync(join(folder, name), text);
  write('package.json', JSON.stringify({ private: true, type: 'module' }));
  write('.npmrc', npmrc);
  write('tsconfig.json', JSON.stringify({ compilerOptions, include: ['*.ts'] }));
  const echo = program('echo.ts');
  write('backends.ts', program('backends.ts'));
  write('umbrella.ts', echo);
  write('net.ts', echo.replace("from 'evloop'", "from '@evloop/net'"));

  return {
    install: (...names) => run('npm', ['install', ...names]),
    update: () => run('npm', ['update']),
    compile: () =>
      run(process.execPath, [join(root, 'node_modules/typescript/bin/tsc'), '-p', '.']),
    version: (name) =>
      JSON.parse(readFileSync(join(folder, 'node_modules', name, 'package.json'), 'utf8')).version,
    /** Runs the echo on each available backend. Returns their names. */
    echo() {
      const doctor = JSON.parse(run('npx', ['--no-install', 'evloop', 'doctor', '--json']));
      const loaded = doctor.backends.filter(({ missing }) => !missing).map(({ name }) => name);
      for (const name of loaded) {
        const answer = run(process.execPath, ['out/umbrella.js'], { EVLOOP_BACKEND: name });
        assert.equal(answer, `${name} hello\n`);
      }
      assert.equal(run(process.execPath, ['out/net.js']), 'net hello\n');
      return [...loaded.map((name) => `evloop on ${name}`), '@evloop/net'];
    },
  };
}
