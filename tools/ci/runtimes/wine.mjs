import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

/** Where Debian's wine64 has its program, which is not in the path. */
const PROGRAMS = ['/usr/lib/wine/wine64', '/usr/bin/wine64'];

/** The program that runs Windows' programs. It throws where there is none. */
export function wine() {
  const found = PROGRAMS.find((file) => existsSync(file));
  if (found === undefined) throw new Error('there is no wine64 (Debian: apt-get install wine64)');
  return found;
}

/** A Windows of its own, so that nothing is left in the home folder. */
export function winePrefix() {
  const folder = new URL('../../../node_modules/.cache/evloop-tools/wine', import.meta.url);
  return { WINEPREFIX: fileURLToPath(folder) };
}
