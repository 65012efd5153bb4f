// Tries the table of docs/fake-timers.md under jest, which is installed when this first runs.
// Vitest and node:test try it in `npm test`. Run: npm run check:fake-timers
import { spawnSync } from 'node:child_process';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { toolFolder } from './tool-folder.mjs';

const docs = fileURLToPath(new URL('../../docs', import.meta.url));
const jest = toolFolder('jest');
const config = {
  rootDir: docs,
  testMatch: ['<rootDir>/test/fake-timers/jest.mjs'],
  testEnvironment: 'node',
  transform: {},
  moduleFileExtensions: ['mjs', 'js', 'json', 'node'],
  modulePaths: [dirname(jest)],
  haste: { enableSymlinks: false },
  // Only a test that hangs takes this long: a busy machine must not fail.
  testTimeout: 300_000,
};
// The packages are modules, for which jest needs this option.
const node = ['--experimental-vm-modules', '--disable-warning=ExperimentalWarning'];
const args = [join(jest, 'bin/jest.js'), '--config', JSON.stringify(config), '--runInBand'];
const backends = process.platform === 'linux' ? 'epoll net' : 'net';
const { status } = spawnSync(process.execPath, [...node, ...args], {
  cwd: docs,
  env: { ...process.env, BACKENDS: backends },
  stdio: 'inherit',
});
process.exitCode = status ?? 1;
