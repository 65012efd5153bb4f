import { spawnSync } from 'node:child_process';
import {
  cpSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  statSync,
} from 'node:fs';
import { join } from 'node:path';
import { bench } from './place.ts';

/** A program that is there, or why it is not. */
export type Program =
  | { readonly path: string; readonly version: string }
  | { readonly lacks: string };

const compiler = process.env['CC'] || 'cc';
const build = join(bench, 'build');
const flags = '-std=gnu11 -O2 -g -Wall -Wextra'.split(' ');
const debianCrates = '/usr/share/cargo/registry';

/** The load generator. */
export function loadGenerator(): Program {
  return compiled('load', 'native/load', []);
}

/** The C servers: `epoll` and `libuv`. */
export function cPeer(name: string, libraries: readonly string[]): Program {
  return compiled(`peer-${name}`, `native/peers/${name}.c`, libraries);
}

function compiled(name: string, source: string, libraries: readonly string[]): Program {
  if (process.platform !== 'linux') return { lacks: 'it is for Linux' };
  const output = join(build, name);
  const folder = join(bench, source);
  const isFolder = !source.endsWith('.c');
  const files = isFolder
    ? readdirSync(folder)
        .filter((file) => file.endsWith('.c'))
        .map((file) => join(folder, file))
    : [folder];
  const inputs = isFolder
    ? readdirSync(folder).map((file) => join(folder, file))
    : [folder, join(bench, 'native/peers/peer.h')];
  if (isOlder(output, inputs)) {
    mkdirSync(build, { recursive: true });
    const partial = `${output}.${process.pid}`;
    const args = [...flags, '-o', partial, ...files, ...libraries.map((library) => `-l${library}`)];
    const { status, error, stderr } = spawnSync(compiler, args, { encoding: 'utf8' });
    if (status !== 0) return { lacks: error?.message ?? firstLine(stderr) };
    renameSync(partial, output);
  }
  return { path: output, version: firstLine(run(compiler, ['--version'])) };
}

/** The server on Rust's mio: with Debian's crates where they are, else with cargo's own. */
export function mioPeer(): Program {
  const folder = join(build, 'mio');
  const source = join(bench, 'native/peers/mio');
  const output = join(folder, 'target/release/mio-peer');
  if (isOlder(output, [join(source, 'Cargo.toml'), join(source, 'src/main.rs')])) {
    mkdirSync(folder, { recursive: true });
    cpSync(source, folder, { recursive: true, preserveTimestamps: true });
    const debian =
      existsSync(join(debianCrates)) &&
      readdirSync(debianCrates).some((name) => name.startsWith('mio-'));
    const args = ['build', '--release', '--quiet'];
    if (debian) {
      args.push('--offline', '--config', 'source.crates-io.replace-with="debian"');
      args.push('--config', `source.debian.directory="${debianCrates}"`);
    }
    const { status, error, stderr } = spawnSync('cargo', args, {
      cwd: folder,
      encoding: 'utf8',
      timeout: 300_000,
    });
    if (status !== 0) return { lacks: error?.message ?? firstLine(stderr) };
  }
  const lock = readFileSync(join(folder, 'Cargo.lock'), 'utf8');
  const mio = /name = "mio"\nversion = "([^"]+)"/.exec(lock)?.[1] ?? '';
  return { path: output, version: `mio ${mio}, ${firstLine(run('rustc', ['--version']))}` };
}

/** What `command` prints, or nothing. */
export function run(command: string, args: readonly string[]): string {
  const { status, stdout } = spawnSync(command, args, { encoding: 'utf8', timeout: 20_000 });
  return status === 0 ? stdout : '';
}

function isOlder(output: string, inputs: readonly string[]): boolean {
  if (!existsSync(output)) return true;
  const { mtimeMs } = statSync(output);
  return inputs.some((input) => statSync(input).mtimeMs > mtimeMs);
}

function firstLine(text: string): string {
  return text.trim().split('\n')[0] ?? '';
}
