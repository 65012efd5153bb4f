import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

/** Where Debian's wine64 has its program. It is not in the PATH. */
const PROGRAMS = ['/usr/lib/wine/wine64', '/usr/bin/wine64'];

/** Returns the program that runs Windows programs. @throws Error: it is missing. */
export function wine() {
  const found = PROGRAMS.find((file) => existsSync(file));
  if (found === undefined) throw new Error('there is no wine64 (Debian: apt-get install wine64)');
  return found;
}

/** A separate Windows folder, so that nothing is left in the home folder. */
export function winePrefix() {
  const folder = new URL('../../../node_modules/.cache/evloop-tools/wine', import.meta.url);
  return { WINEPREFIX: fileURLToPath(folder) };
}
