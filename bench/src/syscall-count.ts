import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { setTimeout as delay } from 'node:timers/promises';
import type { Missing } from './result.ts';
import type { ServerProcess } from './server-process.ts';

/** Something that counts the system calls of a process. */
export interface Counter {
  /** How many `server` makes while `work` goes on. */
  count(server: ServerProcess, work: () => Promise<void>): Promise<number>;
}

/**
 * `perf`, which hardly slows the server down; else `strace`, which does; else the word that both
 * are missing.
 */
export function findCounter(): Counter | Missing {
  if (works('perf', ['stat', '-e', 'raw_syscalls:sys_enter', 'true'])) {
    return counter(['perf', 'stat', '-x', ',', '-e', 'raw_syscalls:sys_enter', '-p'], (output) =>
      Number(/^(\d+),/m.exec(output)?.[1] ?? Number.NaN),
    );
  }
  if (works('strace', ['-c', 'true'])) {
    return counter(['strace', '-c', '-f', '-p'], (output) =>
      Number(/(\d+)(?:\s+\d+)?\s+total\s*$/m.exec(output)?.[1] ?? Number.NaN),
    );
  }
  return {
    what: 'system calls per message',
    why: 'neither perf nor strace may be used here',
    command: 'apt-get install strace',
  };
}

function works(command: string, args: readonly string[]): boolean {
  return spawnSync(command, args, { stdio: 'ignore' }).status === 0;
}

function counter(command: readonly string[], read: (output: string) => number): Counter {
  return {
    async count(server, work) {
      const [file = '', ...args] = command;
      const child = spawn(file, [...args, String(server.pid)], {
        stdio: ['ignore', 'ignore', 'pipe'],
      });
      let output = '';
      child.stderr.on('data', (chunk: Buffer) => {
        output += chunk;
      });
      await delay(200); // until it is attached
      try {
        await work();
      } finally {
        await interrupt(child);
      }
      return read(output);
    },
  };
}

async function interrupt(child: ChildProcess): Promise<void> {
  await new Promise((resolve) => {
    child.once('close', resolve);
    child.kill('SIGINT');
  });
}
