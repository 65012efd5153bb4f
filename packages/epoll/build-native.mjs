// Builds the two native objects: node build-native.mjs [folder] [libc]
//
//   build/Release/epoll.node          the table of system calls: loads in Node, Bun and Deno
//   build/Release/watch/watch.node    the libuv watcher: for Node alone
//
// A prebuilt pair is `CC=musl-gcc LDFLAGS=-s node build-native.mjs prebuilds/linux-x64 musl`. CC,
// CFLAGS and LDFLAGS are honoured. Without a folder, a missing compiler is no error: the objects
// are left out.
import { spawnSync } from 'node:child_process';
import { mkdirSync, renameSync, rmSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';

const RELEASE = 'build/Release';
const [folder = RELEASE, libc] = process.argv.slice(2);
const suffix = libc ? `.${libc}.node` : '.node';
const compiler = process.env.CC || 'cc';

const targets = {
  [`epoll${suffix}`]: ['addon', 'epoll', 'cork', 'socket', 'message', 'descriptor', 'thread-wait'],
  [`watch/watch${suffix}`]: ['watch'],
};

const words = (text = '') => text.split(' ').filter(Boolean);

function compile(target, sources, include) {
  const output = join(folder, target);
  const partial = `${output}.${process.pid}`; // a running process may have the old object mapped
  mkdirSync(dirname(output), { recursive: true });
  const { error, status } = spawnSync(
    compiler,
    [
      ...words(
        '-std=gnu11 -O2 -g -Wall -Wextra -Werror -fPIC -fvisibility=hidden -shared -pthread',
      ),
      ...['-isystem', include],
      ...words(process.env.CFLAGS),
      ...['-o', partial],
      ...sources.map((name) => `native/${name}.c`),
      ...words(process.env.LDFLAGS),
    ],
    { stdio: 'inherit' },
  );
  if (error)
    fail(`cannot run the C compiler \`${compiler}\` (${error.code}); install one or set CC`);
  if (status !== 0) fail(`\`${compiler}\` failed on ${output}`);
  renameSync(partial, output);
}

function fail(why) {
  console.error(`@evloop/epoll: ${why}`);
  process.exit(1);
}

function leaveOut(why) {
  // An old object must not be taken for this one.
  rmSync(folder, { recursive: true, force: true });
  console.log(`@evloop/epoll: native object left out, because ${why}`);
}

/** Whether it compiles anything at all. */
function compilerWorks() {
  const args = ['-x', 'c', '-fsyntax-only', '-'];
  return spawnSync(compiler, args, { input: 'int one;\n', stdio: 'pipe' }).status === 0;
}

process.chdir(import.meta.dirname);
if (process.platform !== 'linux') {
  leaveOut(`epoll is Linux only, and this is ${process.platform}`);
} else if (folder === RELEASE && !compilerWorks()) {
  leaveOut(`the C compiler \`${compiler}\` does not work here`);
} else {
  const { include_dir } = createRequire(import.meta.url)('node-api-headers');
  for (const [target, sources] of Object.entries(targets)) compile(target, sources, include_dir);
}
