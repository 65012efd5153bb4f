// Builds the native objects that @evloop/epoll is published with: node
// tools/release/build-prebuilds.mjs [--partial]
//
//   packages/epoll/prebuilds/<platform>-<arch>/epoll.<libc>.node          where native-objects.ts
//                                                                         looks
//   packages/epoll/prebuilds/<platform>-<arch>/watch/watch.<libc>.node
//
// A target whose compiler is missing is an error; with --partial (or EVLOOP_PREBUILDS=partial) it
// is left out, for a trial. On Debian: gcc, libc6-dev, musl-tools, gcc-aarch64-linux-gnu and
// libc6-dev-arm64-cross.
import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync, statSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('../..', import.meta.url));
const epoll = join(root, 'packages/epoll');
const oldestGlibc = join(root, 'tools/release/prebuilds/oldest-glibc.h');

/**
 * The published objects. The compilers have Debian's names; `only` is the architecture that one
 * runs on.
 */
export const TARGETS = [
  { folder: 'linux-x64', libc: 'glibc', compiler: 'x86_64-linux-gnu-gcc' },
  { folder: 'linux-x64', libc: 'musl', compiler: 'musl-gcc', only: 'x64' },
  { folder: 'linux-arm64', libc: 'glibc', compiler: 'aarch64-linux-gnu-gcc' },
];

/** The two objects of a target. */
export const objectsOf = ({ folder, libc }) =>
  [`epoll.${libc}.node`, `watch/watch.${libc}.node`].map((name) => join('prebuilds', folder, name));

/** A published object must not need a newer glibc than this: Node 20's own binaries need it too. */
export const OLDEST_GLIBC = '2.28';

function available({ compiler, only }) {
  if (only && only !== process.arch) return false;
  return !spawnSync(compiler, ['--version'], { stdio: 'ignore' }).error;
}

/** Debian's musl has no kernel headers. Makes a folder with them, and without glibc's headers. */
function withKernelHeaders(action) {
  const folder = mkdtempSync(join(tmpdir(), 'evloop-kernel-headers-'));
  try {
    for (const name of ['linux', 'asm-generic'])
      symlinkSync(`/usr/include/${name}`, join(folder, name));
    symlinkSync('/usr/include/x86_64-linux-gnu/asm', join(folder, 'asm'));
    action(`-idirafter ${folder}`);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

function compile(target) {
  if (target.libc === 'glibc') compileWith(target, `-include ${oldestGlibc}`);
  else withKernelHeaders((flags) => compileWith(target, flags));
  for (const object of objectsOf(target)) checkObject(target, object);
}

function compileWith(target, flags) {
  const { status } = spawnSync(
    process.execPath,
    ['build-native.mjs', `prebuilds/${target.folder}`, target.libc],
    {
      cwd: epoll,
      stdio: 'inherit',
      env: {
        ...process.env,
        CC: target.compiler,
        CFLAGS: flags,
        LDFLAGS: '-s',
      },
    },
  );
  if (status !== 0) throw new Error(`${target.compiler} failed`);
}

function checkObject({ folder, libc }, object) {
  const path = join(epoll, object);
  const { stdout, error } = spawnSync('readelf', ['-W', '--version-info', '--dynamic', path], {
    encoding: 'utf8',
  });
  if (error) throw error;
  const versions = [...stdout.matchAll(/\bGLIBC_(\d+\.\d+)/g)].map((match) => match[1]);
  const [newest = 'none'] = versions.sort(byVersion).reverse();
  if (libc === 'musl' ? newest !== 'none' : byVersion(newest, OLDEST_GLIBC) > 0) {
    throw new Error(`${object} needs glibc ${newest}`);
  }
  const { size } = statSync(path);
  const needs = libc === 'musl' ? 'musl' : `glibc ${newest}`;
  console.log(
    `  ${folder}  ${object.slice(`prebuilds/${folder}/`.length)}  ${size} bytes, ${needs}`,
  );
}

function byVersion(a, b) {
  const [[a1, a2], [b1, b2]] = [a, b].map((text) => text.split('.').map(Number));
  return a1 - b1 || a2 - b2;
}

function buildAll(partial) {
  rmSync(join(epoll, 'prebuilds'), { recursive: true, force: true });
  let missing = 0;
  for (const target of TARGETS) {
    if (available(target)) compile(target);
    else {
      missing += 1;
      const { folder, libc, compiler } = target;
      console.error(`  ${folder} ${libc}: left out, no ${compiler} here`);
    }
  }
  if (missing > 0 && !partial) {
    console.error('build-prebuilds: not complete, so not fit to be published');
    process.exitCode = 1;
  }
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  if (!existsSync(join(epoll, 'native'))) throw new Error('no native sources');
  buildAll(process.argv.includes('--partial') || process.env.EVLOOP_PREBUILDS === 'partial');
}
