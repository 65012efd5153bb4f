// Proves that the packages can be released one by one, with a registry of our own on loopback and a
// copy of the repository:
//
//   1. the first release: `changeset version`, then all packages are published
//   2. a new project outside the workspace installs evloop and @evloop/net, type-checks, and runs
//      an echo on each backend
//   3. with --documents, a reader follows the documents in empty folders: what they say to install,
//      to create and to start
//   4. a patch of @evloop/udp is released: it and its dependants get a new version, nothing else
//      does
//
// Writes nothing into the repository. Run: npm run check:release
import assert from 'node:assert/strict';
import { execFileSync, fork } from 'node:child_process';
import { once } from 'node:events';
import {
  appendFileSync,
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { packageFolders } from '../ci/pack-package.mjs';
import { toolFolder } from '../ci/tool-folder.mjs';
import { followDocuments } from './follow-documents.mjs';
import { createProject } from './new-project.mjs';

const root = fileURLToPath(new URL('../..', import.meta.url));
const scratch = mkdtempSync(join(tmpdir(), 'evloop-release-'));
const copy = join(scratch, 'copy');
const started = Date.now();

/** The environment of every command. It includes the registry, once that listens. */
const env = {
  ...process.env,
  CI: 'true',
  EVLOOP_PREBUILDS: 'partial',
  TURBO_TELEMETRY_DISABLED: '1',
  npm_config_cache: join(scratch, 'cache'),
  npm_config_prefer_offline: 'false',
};

const run = (file, args, cwd = copy) =>
  execFileSync(file, args, {
    cwd,
    encoding: 'utf8',
    env,
    stdio: ['ignore', 'pipe', 'pipe'],
    timeout: 1_200_000,
    maxBuffer: 64 * 1024 * 1024,
  });
const say = (text) =>
  console.log(`  ${((Date.now() - started) / 1000).toFixed(0).padStart(3)} s  ${text}`);

async function startRegistry() {
  const storage = join(scratch, 'registry');
  mkdirSync(storage);
  const upstream = run('npm', ['config', 'get', 'registry'], root).trim();
  const server = fork(
    fileURLToPath(new URL('./registry.mjs', import.meta.url)),
    [toolFolder('verdaccio'), storage, upstream],
    { stdio: ['ignore', 'ignore', 'inherit', 'ipc'] },
  );
  const exited = once(server, 'exit').then(([code]) => {
    throw new Error(`the registry has ended with code ${code}`);
  });
  const [port] = await Promise.race([once(server, 'message'), exited]);
  exited.catch(() => {});
  return { server, port };
}

/**
 * Makes npm, pnpm and changesets use the registry. It accepts any token, but they don't publish
 * without one.
 */
function useRegistry(port) {
  env.npm_config_registry = `http://127.0.0.1:${port}/`;
  return `registry=http://127.0.0.1:${port}/\n//127.0.0.1:${port}/:_authToken=anybody\n`;
}

function copyRepository() {
  const listed = run('git', ['ls-files', '-co', '--exclude-standard', '-z'], root);
  const isThere = (file) => file !== '' && existsSync(join(root, file));
  for (const file of listed.split('\0').filter(isThere)) {
    const target = join(copy, file);
    mkdirSync(dirname(target), { recursive: true });
    cpSync(join(root, file), target, { force: true });
  }
  run('git', ['init', '-q', '-b', 'main']);
  for (const [key, value] of [
    ['user.name', 'release'],
    ['user.email', 'release@localhost'],
    ['commit.gpgsign', 'false'],
    ['tag.gpgsign', 'false'],
  ]) {
    run('git', ['config', key, value]);
  }
  commit('Begin');
}

function commit(message) {
  run('git', ['add', '-A']);
  run('git', ['commit', '-q', '--no-verify', '-m', message]);
}

/** Returns the versions of all packages in the copy, by name. */
function versions() {
  const manifests = packageFolders().map((folder) =>
    JSON.parse(readFileSync(join(copy, 'packages', folder, 'package.json'), 'utf8')),
  );
  return Object.fromEntries(manifests.map(({ name, version }) => [name, version]));
}

/**
 * Turns the waiting changesets into versions, and publishes new ones. Returns the names of the
 * published packages.
 */
function release(title) {
  run('pnpm', ['exec', 'changeset', 'version']);
  commit(title);
  const output = run('pnpm', ['exec', 'changeset', 'publish']);
  const tags = run('git', ['tag', '--points-at', 'HEAD']).trim().split('\n');
  assert.ok(tags[0], `nothing was published:\n${output}`);
  return tags.map((tag) => tag.slice(0, tag.lastIndexOf('@'))).sort();
}

/** Returns a package and all packages that need it at run time, directly or not. */
function withDependants(name) {
  const manifests = packageFolders().map((folder) =>
    JSON.parse(readFileSync(join(root, 'packages', folder, 'package.json'), 'utf8')),
  );
  const found = new Set([name]);
  for (let before = 0; before !== found.size; ) {
    before = found.size;
    for (const { name, dependencies = {} } of manifests) {
      if (Object.keys(dependencies).some((each) => found.has(each))) found.add(name);
    }
  }
  return [...found].sort();
}

async function prove(port) {
  copyRepository();
  run('pnpm', ['install', '--frozen-lockfile', '--prefer-offline']);
  // The copy has the same sources, so the build's cache is valid.
  const cache = `--cache-dir=${join(root, '.turbo/cache')}`;
  run('pnpm', ['exec', 'turbo', 'run', 'build', '--filter=./packages/*', cache, '--cache=local:r']);
  const npmrc = useRegistry(port);
  appendFileSync(join(copy, '.npmrc'), npmrc);
  say('copied the repository and built it');

  const before = versions();
  const first = release('First release');
  const released = versions();
  assert.deepEqual(first, Object.keys(before).sort());
  say(`published ${first.map((name) => `${name} ${released[name]}`).join(', ')}`);

  const project = createProject(join(scratch, 'project'), npmrc, env);
  project.install('evloop', '@evloop/net', '@types/node@20');
  project.compile();
  say(`a new project has type-checked and echoed: ${project.echo().join(', ')}`);

  if (process.argv.includes('--documents')) {
    const reader = followDocuments(join(scratch, 'reader'), copy, {
      ...env,
      npm_config_yes: 'true',
    });
    for (const seen of reader) say(seen);
  }

  writeFileSync(
    join(copy, '.changeset/a-patch.md'),
    "---\n'@evloop/udp': patch\n---\n\nA correction.\n",
  );
  const second = release('Patch @evloop/udp');
  const expected = ['@evloop/net', '@evloop/udp', 'evloop'];
  assert.deepEqual(second, expected, 'what a patch of @evloop/udp releases');
  assert.deepEqual(withDependants('@evloop/udp'), expected, 'the dependants of @evloop/udp');
  const patched = versions();
  const changed = Object.keys(patched).filter((name) => patched[name] !== released[name]);
  assert.deepEqual(changed.sort(), expected, 'versions that a patch of @evloop/udp changes');
  say(
    `a patch of @evloop/udp has released ${second.map((name) => `${name} ${patched[name]}`).join(', ')}, nothing else`,
  );

  project.update();
  for (const name of ['@evloop/core', '@evloop/epoll', ...expected]) {
    assert.equal(project.version(name), patched[name], name);
  }
  say(`the project has been updated and echoed: ${project.echo().join(', ')}`);
}

let registry;
try {
  registry = await startRegistry();
  say(`a registry listens on 127.0.0.1:${registry.port}`);
  await prove(registry.port);
  console.log('prove-release: every package can be released by itself');
} catch (error) {
  const output = [error.stdout, error.stderr].filter(Boolean).join('\n');
  console.error(`prove-release: ${error.message}\n${output}`);
  process.exitCode = 1;
} finally {
  registry?.server.kill();
  rmSync(scratch, { recursive: true, force: true });
}
