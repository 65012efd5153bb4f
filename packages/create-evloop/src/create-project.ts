import { cpSync, existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { basename, join, relative, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';

/** What the server of a new project speaks. */
export type Transport = 'tcp' | 'udp';

const own = fileURLToPath(new URL('..', import.meta.url));

/**
 * Makes a project: `server.ts`, `package.json`, `tsconfig.json` and `.gitignore`. Nothing is installed.
 *
 * @param folder where; it is made if it is not there.
 * @throws Error when there is something in the folder already, which is then left as it is.
 */
export function createProject(folder: string, transport: Transport): void {
  if (existsSync(folder) && readdirSync(folder).length > 0) {
    throw new Error(`${folder} is not empty; name a new folder`);
  }
  mkdirSync(folder, { recursive: true });
  const put = (source: string, target: string) => {
    cpSync(join(own, 'template', source), join(folder, target));
  };
  put(`${transport}/server.ts`, 'server.ts');
  put('tsconfig.json', 'tsconfig.json');
  // npm leaves a file called .gitignore out of packages.
  put('gitignore', '.gitignore');
  writeFileSync(join(folder, 'package.json'), `${JSON.stringify(manifest(folder), null, 2)}\n`);
}

function manifest(folder: string): object {
  return {
    name: packageName(folder),
    private: true,
    type: 'module',
    scripts: { start: 'tsc && node dist/server.js' },
    dependencies: { evloop: evloopSource(folder) },
    devDependencies: { '@types/node': '^20.19.0', typescript: '^7.0.0' },
  };
}

/** A name that npm takes. */
function packageName(folder: string): string {
  const name = basename(resolve(folder))
    .toLowerCase()
    .replaceAll(/[^a-z0-9._-]+/g, '-');
  return name.replace(/^[._-]+/, '') || 'server';
}

/**
 * Where npm is to get evloop: in the versions that the templates were tried with, which is the range that this package itself is tested
 * with. In a clone of the repository nothing is released, and it is the clone's own.
 */
function evloopSource(folder: string): string {
  const { devDependencies } = JSON.parse(readFileSync(join(own, 'package.json'), 'utf8'));
  const range: string = devDependencies.evloop;
  if (!range.startsWith('workspace:')) return range;
  return `file:${relative(resolve(folder), join(own, '../evloop')).replaceAll('\\', '/')}`;
}
