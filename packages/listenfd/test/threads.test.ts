import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { isMainThread } from 'node:worker_threads';
import { onlyIf } from '@evloop/testing';
import { describe, expect, it } from 'vitest';
import { ListenFds } from '../src/index.ts';

const PROGRAM = fileURLToPath(new URL('programs/two-takers.mjs', import.meta.url));

interface Taken {
  readonly fds: readonly (number | null)[];
  readonly left: readonly object[];
  readonly absence?: string;
}

/** Runs two threads that take, under a supervisor that hands over `count` descriptors. */
function run(count: number, names: string, ...args: string[]): [Taken, Taken, object] {
  // The shell replaces itself by node, which so has the pid that the shell has set.
  const script = `LISTEN_PID=$$ LISTEN_FDS=${count} LISTEN_FDNAMES=${names} exec "$@"`;
  const node = [process.execPath, PROGRAM, ...args];
  const env = { ...process.env, NODE_OPTIONS: '' };
  const { stdout, stderr } = spawnSync('/bin/sh', ['-c', script, 'sh', ...node], {
    encoding: 'utf8',
    env,
  });
  if (stdout === '') throw new Error(stderr);
  return JSON.parse(stdout) as [Taken, Taken, object];
}

describe(
  'threads that take the same descriptors',
  onlyIf(process.platform !== 'win32', 'Windows has no sh'),
  () => {
    it('get each once, whichever thread asks', () => {
      const [first, second, main] = run(3, 'a:b:a');
      const given = [...first.fds, ...second.fds, (main as { fd?: number }).fd ?? null];
      expect(given.filter((fd) => fd !== null).sort()).toEqual([3, 4, 5]);
    });

    it('leave nothing to the main thread when they have taken all', () => {
      const [first, second, main] = run(2, 'a:b');
      expect([...first.fds, ...second.fds].filter((fd) => fd !== null).sort()).toEqual([3, 4]);
      expect(main).toEqual({ left: [] });
    });

    it('get nothing when they were started before the main thread loaded the package', () => {
      const [first, second, main] = run(1, 'a', 'late');
      for (const { fds, left, absence } of [first, second]) {
        expect([fds, left]).toEqual([[null, null], []]);
        expect(absence).toMatch(/started before the main thread imported @evloop\/listenfd/);
      }
      expect(main).toEqual({ left: [3], fd: 3 });
    });
  },
);

describe('an environment of the program’s own', () => {
  it('is told apart from that of the process, whose descriptors it does not take', () => {
    const env = () => ({ LISTEN_FDS: '1' });
    const first = ListenFds.fromEnvironment({ env: env(), pid: null });
    const second = ListenFds.fromEnvironment({ env: env(), pid: null });
    expect([first.take()?.fd, second.take()?.fd]).toEqual([3, 3]);
  });
});

describe('the environment of the process', () => {
  // A runner's worker was started before this package was loaded, and gets none.
  it(
    'gives each out once, although the variables are set again',
    onlyIf(
      isMainThread,
      'the worker that runs the tests was started before the package was loaded',
    ),
    () => {
      const taken = [1, 2].map(() => {
        process.env['LISTEN_FDS'] = '2';
        const inherited = ListenFds.fromEnvironment({ pid: null });
        return [inherited.left.length, inherited.take()?.fd];
      });
      expect(taken).toEqual([
        [2, 3],
        [1, 4],
      ]);
      expect(process.env['LISTEN_FDS']).toBeUndefined();
    },
  );
});
