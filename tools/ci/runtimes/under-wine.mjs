// Runs a program on Windows' Node under Wine, and passes on what it writes and how it ends:
//
//   node tools/ci/runtimes/under-wine.mjs <node.exe> <program> [argument …]
//
// Node's Windows binary writes nothing to a pipe there, so it writes to files, which this reads.
import { spawn } from 'node:child_process';
import { mkdtempSync, openSync, readSync, rmSync, writeSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { wine, winePrefix } from './wine.mjs';

const folder = mkdtempSync(join(tmpdir(), 'evloop-wine-'));
const [executable, program, ...args] = process.argv.slice(2);
/** Each file is written by the child, and read here, to the descriptor of the same meaning. */
const outputs = [1, 2].map((fd) => {
  const file = join(folder, String(fd));
  return { fd, written: openSync(file, 'w'), read: openSync(file, 'r') };
});
const buffer = Buffer.alloc(65536);

function passOn() {
  for (const { fd, read } of outputs) {
    for (let size = readSync(read, buffer); size > 0; size = readSync(read, buffer)) {
      writeSync(fd, buffer, 0, size);
    }
  }
}

const child = spawn(wine(), [executable, `Z:${program}`, ...args], {
  stdio: ['ignore', ...outputs.map(({ written }) => written)],
  // Node refuses what Wine says it is: Windows 7.
  env: { ...process.env, ...winePrefix(), WINEDEBUG: '-all', NODE_SKIP_PLATFORM_CHECK: '1' },
});
const timer = setInterval(passOn, 100);
child.on('exit', (code) => {
  clearInterval(timer);
  passOn();
  rmSync(folder, { recursive: true, force: true });
  process.exitCode = code ?? 1;
});
