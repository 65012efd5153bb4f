// Follows each recipe of docs/packaging.md with the packed packages: npm run check:packaging. The
// tools are those of tools/ci/packaging, installed when first used. Needs a build and, for the
// objects, a C compiler.
import { execFileSync, spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import * as fs from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { packPackage } from './pack-package.mjs';
import { readRecipes } from './packaging/recipes.mjs';
import { RUNTIMES } from './runtimes/runtimes.mjs';

const PACKAGES = ['core', 'udp', 'net', 'epoll', 'evloop'];
const INSTALL_MS = 600_000;
const COMMAND_MS = 300_000;
const root = fileURLToPath(new URL('../..', import.meta.url));
const own = join(root, 'tools/ci/packaging');

/** Installs the tools below node_modules/.cache, once for each lock file. */
function installTools() {
  const hash = createHash('sha256').update(fs.readFileSync(join(own, 'pnpm-lock.yaml')));
  const name = `packaging-${hash.digest('hex').slice(0, 12)}`;
  const folder = join(root, 'node_modules/.cache/evloop-tools', name);
  if (fs.existsSync(folder)) return join(folder, 'node_modules');
  const partial = `${folder}.${process.pid}`;
  fs.mkdirSync(partial, { recursive: true });
  try {
    for (const file of ['package.json', 'pnpm-lock.yaml', 'pnpm-workspace.yaml'])
      fs.copyFileSync(join(own, file), join(partial, file));
    execFileSync('pnpm', ['install', '--frozen-lockfile', '--prefer-offline', '--ignore-scripts'], {
      cwd: partial,
      stdio: ['ignore', 'ignore', 'inherit'],
      timeout: INSTALL_MS,
    });
    fs.renameSync(partial, folder);
  } finally {
    fs.rmSync(partial, { recursive: true, force: true });
  }
  return join(folder, 'node_modules');
}

/** Folders of PATH with bun and deno, if they are available. */
function runtimeFolders() {
  return RUNTIMES.filter(({ title }) => /^(?:Bun|Deno)/.test(title)).flatMap(({ command }) => {
    try {
      return [dirname(command(INSTALL_MS)[0])];
    } catch {
      return [];
    }
  });
}

function makeProject(folder, tools) {
  const modules = join(folder, 'node_modules');
  for (const name of PACKAGES) {
    const out = join(folder, 'packed', name);
    fs.mkdirSync(out, { recursive: true });
    const target = join(modules, name === 'evloop' ? name : `@evloop/${name}`);
    fs.mkdirSync(target, { recursive: true });
    execFileSync('tar', ['-xzf', packPackage(name, out), '--strip-components=1', '-C', target]);
  }
  const { devDependencies } = JSON.parse(fs.readFileSync(join(own, 'package.json'), 'utf8'));
  for (const name of Object.keys(devDependencies)) {
    fs.mkdirSync(dirname(join(modules, name)), { recursive: true });
    fs.symlinkSync(join(tools, name), join(modules, name), 'dir');
  }
  // The published package has prebuilt objects; a clone has those of this machine.
  const prebuilds = join(modules, `@evloop/epoll/prebuilds/linux-${process.arch}`);
  execFileSync(process.execPath, ['build-native.mjs', prebuilds, 'glibc'], {
    cwd: join(root, 'packages/epoll'),
    stdio: 'inherit',
  });
  const app = fs.readFileSync(join(own, 'app.mjs'), 'utf8');
  fs.writeFileSync(join(folder, 'package.json'), JSON.stringify({ private: true, type: 'module' }));
  fs.writeFileSync(join(folder, 'app.mjs'), app);
  const object = `@evloop/epoll/linux-${process.arch}-glibc`;
  fs.writeFileSync(join(folder, 'app-static.mjs'), `import '${object}';\n${app}`);
}

/** Follows a recipe. Returns what is wrong, or undefined. */
function follow({ title, files, commands }, folder, env) {
  fs.rmSync(join(folder, 'out'), { recursive: true, force: true });
  fs.mkdirSync(join(folder, 'out'));
  for (const { name, content } of files) fs.writeFileSync(join(folder, name), content);
  const run = (command) =>
    spawnSync('/bin/sh', ['-c', command], {
      cwd: folder,
      encoding: 'utf8',
      env,
      timeout: COMMAND_MS,
    });
  const [last, ...before] = [commands.at(-1), ...commands.slice(0, -1)];
  for (const command of before) {
    const { status, stdout, stderr } = run(command);
    if (status !== 0) return `${title}: ${command}\n${stdout}${stderr}`;
  }
  const hidden = join(folder, 'hidden');
  const modules = join(folder, 'node_modules');
  const alone = before.length > 0;
  if (alone) fs.renameSync(modules, hidden);
  try {
    const { status, stdout, stderr } = run(last);
    const passed = status === 0 && stdout === 'accepted on epoll\n';
    return passed && !stderr.includes('EVLOOP')
      ? undefined
      : `${title}: ${last}\n${stdout}${stderr}`;
  } finally {
    if (alone) fs.renameSync(hidden, modules);
  }
}

if (process.platform !== 'linux') {
  console.log('prove-packaging: skipped, because the recipes are for Linux');
  process.exit(0);
}
const folder = fs.mkdtempSync(join(tmpdir(), 'evloop-packaging-'));
try {
  const tools = installTools();
  const paths = [join(tools, '.bin'), ...runtimeFolders(), process.env.PATH];
  const { NODE_OPTIONS: _, EVLOOP_BACKEND: __, EVLOOP_NATIVE_DIR: ___, ...env } = process.env;
  makeProject(folder, tools);
  const recipes = readRecipes(join(root, 'docs/packaging.md'));
  const environment = { ...env, PATH: paths.join(delimiter) };
  for (const recipe of recipes) {
    const wrong = follow(recipe, folder, environment);
    if (wrong === undefined) continue;
    process.exitCode = 1;
    console.error(`error: ${wrong}`);
  }
  if (!process.exitCode) console.log(`prove-packaging: ${recipes.length} recipes run on epoll`);
} finally {
  fs.rmSync(folder, { recursive: true, force: true });
}
