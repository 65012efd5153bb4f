import { cpSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { basename, join, relative, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';

/** The templates, with the packages that each needs. */
const TEMPLATES = {
  tcp: ['evloop', '@evloop/service'],
  udp: ['evloop'],
  proxy: ['evloop', '@evloop/service'],
  broadcast: ['evloop', '@evloop/service', '@evloop/buffer'],
} as const;

/** The name of a template: a TCP or UDP echo server, a TCP proxy, or a chat server. */
export type Template = keyof typeof TEMPLATES;

/** The names of the templates. */
export const templateNames: readonly Template[] = Object.keys(TEMPLATES) as Template[];

const own = fileURLToPath(new URL('..', import.meta.url));

/**
 * Makes a project: `server.ts`, `package.json`, `tsconfig.json` and `.gitignore`. Installs nothing.
 *
 * @param folder the project's folder. It is made if it does not exist.
 * @throws Error: the folder has content other than `.git`, which is then left as it is, or it
 *   cannot be made.
 */
export function createProject(folder: string, template: Template): void {
  const packages = TEMPLATES[template];
  makeFolder(folder);
  const put = (source: string, target: string) => {
    cpSync(join(own, 'template', source), join(folder, target));
  };
  put(`${template}/server.ts`, 'server.ts');
  put('tsconfig.json', 'tsconfig.json');
  // npm leaves a file called .gitignore out of packages.
  put('gitignore', '.gitignore');
  writeFileSync(
    join(folder, 'package.json'),
    `${JSON.stringify(manifest(folder, packages), null, 2)}\n`,
  );
}

function makeFolder(folder: string): void {
  try {
    mkdirSync(folder, { recursive: true });
    // A clone of an empty repository has only this.
    const content = readdirSync(folder).filter((name) => name !== '.git');
    if (content.length === 0) return;
  } catch (error) {
    throw new Error(`cannot use ${folder}: ${reason(error)}`, { cause: error });
  }
  throw new Error(`${folder} is not empty; name a new folder`);
}

function reason(error: unknown): string {
  const { code, message, path } = error as NodeJS.ErrnoException;
  if (code === 'ENOTDIR' || code === 'EEXIST') return `${path} is a file or below one`;
  if (code === 'EACCES' || code === 'EPERM') return `no permission to write ${path}`;
  if (code === 'EROFS') return `${path} is on a read-only file system`;
  return message;
}

function manifest(folder: string, packages: readonly PackageName[]): object {
  return {
    name: packageName(folder),
    private: true,
    type: 'module',
    scripts: { start: 'tsc && node dist/server.js' },
    dependencies: Object.fromEntries(packages.map((name) => [name, sourceOf(name, folder)])),
    devDependencies: { '@types/node': '^20.19.0', typescript: '^7.0.0' },
  };
}

/** The most characters of a package name: npm rejects longer ones. */
const MAX_NAME = 214;

/** Returns a valid package name for a folder. */
function packageName(folder: string): string {
  const name = basename(resolve(folder))
    .toLowerCase()
    .replaceAll(/[^a-z0-9._-]+/g, '-');
  return name.replace(/^[._-]+/, '').slice(0, MAX_NAME) || 'server';
}

type PackageName = (typeof TEMPLATES)[Template][number];

/**
 * Returns the version range under which npm installs a package: the one that this package itself is
 * tested with. In a clone of the repository, where nothing is released, it is the path of the
 * clone's package.
 */
function sourceOf(name: PackageName, folder: string): string {
  const { devDependencies } = JSON.parse(readFileSync(join(own, 'package.json'), 'utf8'));
  const range: string = devDependencies[name];
  if (!range.startsWith('workspace:')) return range;
  const clone = join(own, '..', name.replace('@evloop/', ''));
  return `file:${relative(resolve(folder), clone).replaceAll('\\', '/')}`;
}
