// Checks each package as a user gets it: packs it, and checks the tarball's manifest, contents,
// types and size. Needs a build; `npm run check:packages` does both.
import { execFileSync } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { objectsOf, TARGETS } from '../release/build-prebuilds.mjs';
import { packageFolders, packPackage } from './pack-package.mjs';

const root = fileURLToPath(new URL('../..', import.meta.url));
const scratch = mkdtempSync(join(tmpdir(), 'evloop-pack-'));
let bad = 0;

/** The files that may be in a tarball. The objects of @evloop/epoll come on top. */
const ALLOWED =
  /^(?:LICENSE|README\.md|CHANGELOG\.md|package\.json|bin\/[\w-]+\.js|template\/[\w./-]+|dist\/[\w./-]+\.(?:js|d\.ts)(?:\.map)?|objects\/[\w-]+\.(?:cjs|d\.cts)|src\/[\w./-]+\.ts)$/;

function listFiles(folder) {
  return readdirSync(folder, { recursive: true })
    .map((file) => file.replaceAll('\\', '/'))
    .filter((file) => statSync(join(folder, file)).isFile());
}

function contentProblems(name, files) {
  const problems = [];
  for (const file of ['LICENSE', 'README.md', 'dist/index.js', 'dist/index.d.ts']) {
    if (!files.includes(file)) problems.push(`the tarball lacks ${file}`);
  }
  const objects = name === 'epoll' ? TARGETS.flatMap(objectsOf) : [];
  for (const file of objects.filter((each) => !files.includes(each))) {
    // A file that was not built is an error only when the package is published, and publishing
    // builds it.
    if (existsSync(join(root, 'packages', name, file))) problems.push(`the tarball lacks ${file}`);
    else console.log(`  (without ${file}, which was not built: npm run check:prebuilds)`);
  }
  for (const file of files) {
    if (!ALLOWED.test(file) && !objects.includes(file))
      problems.push(`the tarball contains ${file}`);
    const source = /^dist\/(.+)\.js$/.exec(file)?.[1];
    if (source && !files.includes(`src/${source}.ts`)) {
      problems.push(
        `the tarball contains ${file}, which has no source: remove dist and .turbo/cache, and build again`,
      );
    }
  }
  return problems;
}

function manifestProblems(text) {
  const problems = ['@evloop/source', 'workspace:', 'catalog:']
    .filter((word) => text.includes(word))
    .map((word) => `the packed package.json still says ${word}`);
  const { scripts = {}, gypfile } = JSON.parse(text);
  for (const script of ['preinstall', 'install', 'postinstall', 'prepare']) {
    if (scripts[script]) problems.push(`the packed package.json has the script ${script}`);
  }
  if (gypfile) problems.push('the packed package.json has gypfile, so npm runs node-gyp');
  return problems;
}

/** Every file that the manifest names exists: exports, types and commands. */
function targetProblems(packed, text) {
  const { exports, bin } = JSON.parse(text);
  const targets = [];
  const collect = (value) => {
    if (typeof value === 'string') targets.push(value);
    else for (const inner of Object.values(value ?? {})) collect(inner);
  };
  collect(exports);
  collect(bin);
  return targets
    .filter((target) => !existsSync(join(packed, target)))
    .map((target) => `the packed package.json names ${target}, which is not there`);
}

/** Runs a command of tools/package.json. Returns its output if it fails. */
function problemsOf(title, file, args) {
  try {
    const tool = join(root, 'tools/node_modules', file);
    execFileSync(process.execPath, [tool, ...args], { stdio: 'pipe' });
    return [];
  } catch (error) {
    return [`${title}: ${`${error.stdout}${error.stderr}`.trim()}`];
  }
}

const publintProblems = (packed) =>
  problemsOf('publint', 'publint/src/cli.js', ['run', packed, '--pack', 'false', '--strict']);

/** Are-the-types-wrong, without TypeScript's old resolution and CommonJS importers. */
const typeProblems = (tarball) =>
  problemsOf('attw', '@arethetypeswrong/cli/dist/index.js', [
    ...[tarball, '--profile', 'esm-only'],
    ...['--no-color', '--no-emoji', '--format', 'ascii'],
  ]);

function check(name) {
  const out = join(scratch, name);
  const tarball = packPackage(name, out);
  execFileSync('tar', ['-xzf', tarball, '-C', out]);
  const packed = join(out, 'package');
  const manifest = readFileSync(join(packed, 'package.json'), 'utf8');
  const files = listFiles(packed);
  const problems = [
    ...manifestProblems(manifest),
    ...targetProblems(packed, manifest),
    ...contentProblems(name, files),
    ...publintProblems(packed),
    ...typeProblems(tarball),
  ];
  for (const problem of problems) console.error(`packages/${name}: ${problem}`);
  bad += problems.length;
  const kilobytes = (size) => `${(size / 1024).toFixed(0).padStart(4)} kB`;
  const unpacked = files.reduce((sum, file) => sum + statSync(join(packed, file)).size, 0);
  console.log(
    `  ${name.padEnd(12)} ${kilobytes(statSync(tarball).size)} packed, ${kilobytes(unpacked)} unpacked`,
  );
}

try {
  const names = packageFolders();
  for (const name of names) check(name);
  if (bad === 0) console.log(`check-packages: ${names.length} packages in order`);
} finally {
  rmSync(scratch, { recursive: true, force: true });
}
process.exitCode = bad > 0 ? 1 : 0;
