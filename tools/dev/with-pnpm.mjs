// Runs a command of this workspace, on a fresh clone too: gets the pinned pnpm through npx, lets it
// install what is missing, and passes the exit code on.
//
//   node tools/dev/with-pnpm.mjs turbo run build
import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('../..', import.meta.url));
const { packageManager } = JSON.parse(readFileSync(`${root}package.json`, 'utf8'));

/** Runs `pnpm exec …` in the root of the workspace. Returns the result of spawnSync. */
export function withPnpm(command, options = {}) {
  const insidePnpm = process.env.npm_config_user_agent?.startsWith('pnpm/');
  const [file, ...args] = insidePnpm ? ['pnpm'] : ['npx', '-y', '--prefer-offline', packageManager];
  return spawnSync(file, [...args, 'exec', ...command], {
    cwd: root,
    stdio: 'inherit',
    shell: process.platform === 'win32', // npx and pnpm are .cmd files there
    env: { TURBO_TELEMETRY_DISABLED: '1', EVLOOP_COMPILER: compiler(), ...process.env },
    ...options,
  });
}

/** Returns the version of the C compiler, so that turbo builds again when one is installed. */
function compiler() {
  const { status, stdout } = spawnSync(process.env.CC || 'cc', ['-dumpversion'], { stdio: 'pipe' });
  return status === 0 ? String(stdout).trim() : 'none';
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  process.exit(withPnpm(process.argv.slice(2)).status ?? 1);
}
