// Proves that a stranger can write a backend with the packed packages alone: packs them, installs
// the tarballs in a folder outside the workspace, compiles the sources of @evloop/memory and
// tools/ci/third-party there, and runs the suite on them with node:test.
//
// Writes nothing into the repository. Needs a build. Run: npm run check:third-party
import { execFileSync } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { packPackage } from './pack-package.mjs';
import { compilerOptions } from './strict-project.mjs';

const PACKAGES = ['core', 'conformance'];
const root = fileURLToPath(new URL('../..', import.meta.url));
const project = mkdtempSync(join(tmpdir(), 'evloop-third-party-'));
// The conditions of a test runner would lead to sources.
const { NODE_OPTIONS: _, ...env } = process.env;

function run(file, args) {
  return execFileSync(file, args, {
    cwd: project,
    encoding: 'utf8',
    env,
    stdio: ['ignore', 'pipe', 'inherit'],
    timeout: 600_000,
    maxBuffer: 64 * 1024 * 1024,
    shell: process.platform === 'win32',
  });
}

try {
  const packed = PACKAGES.map((name) => {
    const out = join(project, 'packed', name);
    mkdirSync(out, { recursive: true });
    return [`@evloop/${name}`, `file:${packPackage(name, out)}`];
  });
  const version = (name) =>
    JSON.parse(readFileSync(join(root, 'node_modules', name, 'package.json'), 'utf8')).version;
  const dependencies = {
    ...Object.fromEntries(packed),
    '@types/node': version('@types/node'),
    'fast-check': version('fast-check'),
  };
  const manifest = { private: true, type: 'module', dependencies };
  writeFileSync(join(project, 'package.json'), JSON.stringify(manifest));
  writeFileSync(
    join(project, 'tsconfig.json'),
    JSON.stringify({
      compilerOptions: { ...compilerOptions, rewriteRelativeImportExtensions: true },
    }),
  );
  cpSync(join(root, 'tools/ci/third-party'), project, { recursive: true });
  cpSync(join(root, 'packages/memory/src'), join(project, 'memory'), { recursive: true });
  run('npm', ['install', '--no-audit', '--no-fund', '--loglevel=error']);
  run(process.execPath, [join(root, 'node_modules/typescript/bin/tsc'), '-p', '.']);
  const report = run(process.execPath, ['--test', '--test-reporter=tap', 'out/memory.test.js']);
  const count = (what) => Number(new RegExp(`^# ${what} (\\d+)$`, 'm').exec(report)?.[1]);
  if (!(count('pass') > 200)) throw new Error(`the suite did not run:\n${report}`);
  const passed = `${count('pass')} tests passed, ${count('skipped')} skipped`;
  console.log(`prove-third-party: a backend written against the packed packages: ${passed}`);
} catch (error) {
  const failed = String(error.stdout ?? '').match(/^\s*not ok[\s\S]*?\.\.\.$/gm) ?? [];
  console.error(
    `prove-third-party: ${[error.message, ...failed, error.stdout].join('\n').slice(0, 20_000)}`,
  );
  process.exitCode = 1;
} finally {
  rmSync(project, { recursive: true, force: true });
}
