// Packs a package as a user gets it. Packing needs a build, and pnpm: run scripts that use this
// through tools/dev/with-pnpm.mjs.
import { execFileSync } from 'node:child_process';
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const packages = fileURLToPath(new URL('../../packages', import.meta.url));

/** The folders of the packages that are published. */
export const packageFolders = () => readdirSync(packages);

/**
 * Packs `packages/<folder>` into the folder `out`, which must be empty. Returns the tarball's path.
 */
export function packPackage(folder, out) {
  execFileSync('pnpm', ['pack', '--pack-destination', out], {
    cwd: join(packages, folder),
    stdio: ['ignore', 'pipe', 'pipe'],
    shell: process.platform === 'win32',
  });
  const [tarball] = readdirSync(out);
  return join(out, tarball);
}
