import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** The folder bench/, from the sources and from the build. */
export const bench: string = findBench();

/** The built server programs: they run as their users would run them. */
export const builtServers: string = join(bench, 'dist/src/servers');

/** The built examples. */
export const builtExamples: string = join(bench, '../examples/dist');

function findBench(): string {
  let folder = dirname(fileURLToPath(import.meta.url));
  while (!existsSync(join(folder, 'native/load/load.h'))) {
    const parent = dirname(folder);
    if (parent === folder) throw new Error('the folder bench/ was not found');
    folder = parent;
  }
  return folder;
}
