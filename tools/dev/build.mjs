// Installs and builds whatever is missing before something is run: shows progress on a fresh clone,
// says nothing when all is up to date, and prints turbo's whole output when the build fails.
import { existsSync } from 'node:fs';
import { hasNativeObject } from './native-object.mjs';
import { withPnpm } from './with-pnpm.mjs';

/** Builds all packages; ends the process when that fails. */
export function build() {
  const fresh = !existsSync(new URL('../../examples/dist', import.meta.url));
  if (fresh)
    console.error(
      'evloop: first run, installing and building (about 100 MB; 15 seconds to some minutes) …',
    );
  // Standard output belongs to the program that runs afterwards.
  const output = fresh ? 2 : 'pipe';
  const { status, stdout, stderr, error } = withPnpm(
    ['turbo', 'run', 'build', '--output-logs=errors-only'],
    { stdio: ['ignore', output, output], encoding: 'utf8', maxBuffer: 64 * 1024 * 1024 },
  );
  if (status === 0) return sayWhatIsMissing();
  process.stderr.write(`${stdout ?? ''}${stderr ?? ''}`);
  console.error(`evloop: the build failed${error ? `: ${error.message}` : ''}`);
  process.exit(status || 1);
}

/** Turbo shows the output of a build only when it fails. */
function sayWhatIsMissing() {
  if (hasNativeObject() || process.platform !== 'linux') return;
  const compiler = process.env.CC || 'cc';
  console.error(
    `evloop: built without the native object, because the C compiler \`${compiler}\` does not work here; net serves`,
  );
}
