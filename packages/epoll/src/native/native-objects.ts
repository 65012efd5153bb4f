import { closeSync, openSync, readSync } from 'node:fs';
import Module from 'node:module';
import { basename, dirname, isAbsolute, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Unavailable } from '@evloop/core';
import { givenObjects } from './given-objects.ts';

/** What `require` returned for the two native objects. */
export interface NativeObjects {
  readonly epoll: unknown;
  /** `undefined` where the runtime is not Node. */
  readonly watch: unknown;
}

const PACKAGE = '@evloop/epoll';
const FOLDER_EXPECTED =
  'expected the absolute path of a folder with epoll.node and watch/watch.node';
const isNode = process.versions['bun'] === undefined && !('Deno' in globalThis);

/**
 * Loads the native objects from the first of these places:
 *
 * 1. the folder `EVLOOP_NATIVE_DIR`, and then no other
 * 2. the objects that the program imported statically, as `@evloop/epoll/linux-x64-glibc`
 * 3. `build/Release` and `prebuilds` of this package
 * 4. of a bundled program: `prebuilds` beside the bundle or the executable, or in this package as
 *    installed for them
 */
export function loadObjects(): NativeObjects | Unavailable {
  if (process.platform !== 'linux') {
    return {
      kind: 'machine',
      reason: `epoll is Linux only, and this is ${process.platform}`,
      advice: 'nothing: net serves this system',
    };
  }
  const folder = process.env['EVLOOP_NATIVE_DIR'];
  if (folder) return loadFrom(folder);
  return loadGiven() ?? search();
}

function loadFrom(folder: string): NativeObjects | Unavailable {
  const invalid = (why: string): Unavailable => ({
    kind: 'setting',
    reason: `invalid EVLOOP_NATIVE_DIR: '${folder}' (${why})`,
    advice: 'unset EVLOOP_NATIVE_DIR, or correct it',
  });
  if (!isAbsolute(folder)) return invalid(FOLDER_EXPECTED);
  try {
    return load(join(folder, 'epoll.node'));
  } catch (error) {
    return invalid(isMissing(error) ? `${FOLDER_EXPECTED}: ${messageOf(error)}` : messageOf(error));
  }
}

function loadGiven(): NativeObjects | Unavailable | undefined {
  const given = givenObjects();
  if (given === undefined) return undefined;
  if (given.error !== undefined) return broken(given.error);
  try {
    return { epoll: given.epoll, watch: isNode ? given.watch : undefined };
  } catch (error) {
    return broken(error);
  }
}

function search(): NativeObjects | Unavailable {
  const names = [
    'build/Release/epoll.node',
    ...cLibraries().map((libc) => `prebuilds/linux-${process.arch}/epoll.${libc}.node`),
  ];
  const file = ownFile();
  const roots = isBundled(file) ? rootsOfBundle(file) : [join(dirname(file), '../..')];
  for (const root of roots) {
    for (const name of names) {
      try {
        return load(join(root, name));
      } catch (error) {
        if (!isMissing(error)) return broken(error);
      }
    }
  }
  return isBundled(file) ? notBeside(roots, names) : notBuilt(names);
}

// webpack replaces a `createRequire` that is imported by its name, so this file uses the default
// import.
function load(path: string): NativeObjects {
  const require = Module.createRequire(path);
  const watch = join(dirname(path), 'watch', basename(path).replace('epoll', 'watch'));
  return { epoll: require(path), watch: isNode ? require(watch) : undefined };
}

/** The file of this code. Bundlers to CommonJS leave `import.meta` empty, but keep `__filename`. */
function ownFile(): string {
  const url: string | undefined = import.meta.url;
  if (url?.startsWith('file:')) return fileURLToPath(url);
  return typeof __filename === 'string' ? __filename : process.execPath;
}

// Some bundlers write the path of this source into their output, so the name alone proves nothing.
function isBundled(file: string): boolean {
  return !/^native-objects\.[jt]s$/.test(basename(file)) || !canResolve(file);
}

function canResolve(file: string): boolean {
  try {
    return Module.createRequire(file).resolve(file) !== '';
  } catch {
    return false;
  }
}

function rootsOfBundle(file: string): string[] {
  const starts = [file, process.argv[1] ?? '', process.execPath].filter(isAbsolute);
  const folders = [...new Set(starts.map((start) => dirname(start)))];
  return [...folders, ...new Set(folders.flatMap(installedFor))];
}

function installedFor(folder: string): string[] {
  try {
    const index = Module.createRequire(join(folder, '_')).resolve(PACKAGE);
    return [dirname(dirname(index))];
  } catch {
    return [];
  }
}

/** The program interpreter of the runtime names its C library (ELF, PT_INTERP). */
function cLibraries(): string[] {
  const head = Buffer.alloc(4096);
  try {
    const fd = openSync(process.execPath, 'r');
    try {
      readSync(fd, head, 0, head.length, 0);
    } finally {
      closeSync(fd);
    }
  } catch {
    return ['glibc', 'musl'];
  }
  return head.includes('/ld-musl-') ? ['musl'] : ['glibc'];
}

function isMissing(error: unknown): boolean {
  return (error as { code?: unknown } | null)?.code === 'MODULE_NOT_FOUND';
}

/** One line: without Node's list of requiring files. */
function messageOf(error: unknown): string {
  const message = error instanceof Error ? error.message : String(error);
  return message
    .replace(/\nRequire stack:[\s\S]*/, '')
    .replace(/\s+/g, ' ')
    .trim();
}

function broken(error: unknown): Unavailable {
  const message = messageOf(error);
  return {
    kind: 'installation',
    reason: `the native object cannot be loaded: ${message.replace(/\.$/, '')}`,
    advice: adviceFor(message),
  };
}

function adviceFor(message: string): string {
  if (/addons? is disabled|addons|ERR_DLOPEN_DISABLED/i.test(message)) {
    return 'allow addons: leave out --no-addons, or add --allow-addons to --permission';
  }
  if (/access.*restricted|permission/i.test(message)) {
    return `add --allow-fs-read with the folder of ${PACKAGE} to --permission`;
  }
  if (/GLIBC|libc\.|\.so/.test(message)) {
    return `the object does not fit this C library: build ${PACKAGE} from a clone`;
  }
  return `install ${PACKAGE} again`;
}

function notBeside(roots: readonly string[], names: readonly string[]): Unavailable {
  const object = (names[1] as string).replace(/^prebuilds\/(.*)\/epoll\.(.*)\.node$/, '$1-$2');
  return {
    kind: 'installation',
    reason: `the bundled program finds no native object (${names[1]}) in ${roots.join(', ')}`,
    advice:
      `copy the folder node_modules/${PACKAGE}/prebuilds beside the bundle, ` +
      `or begin the program with a static import of ${PACKAGE}/${object}`,
  };
}

function notBuilt(names: readonly string[]): Unavailable {
  return {
    kind: 'installation',
    reason: `${PACKAGE} has no native object for this system (${names.slice(1).join(' or ')})`,
    advice: `build ${PACKAGE} from a clone, which takes a C compiler`,
  };
}
