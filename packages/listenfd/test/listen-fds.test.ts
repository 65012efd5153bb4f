import { spawnSync } from 'node:child_process';
import { onlyIf } from '@evloop/testing';
import { describe, expect, it } from 'vitest';
import { ListenFds, parseListenFds } from '../src/index.ts';

const PID = 4711;
const env = (count: string, names?: string, pid = String(PID)) => ({
  LISTEN_PID: pid,
  LISTEN_FDS: count,
  ...(names === undefined ? {} : { LISTEN_FDNAMES: names }),
});

describe('parseListenFds', () => {
  it('counts descriptors from 3, and calls them unknown without names', () => {
    expect(parseListenFds(env('2'), PID)).toEqual({
      descriptors: [
        { fd: 3, name: 'unknown' },
        { fd: 4, name: 'unknown' },
      ],
      absence: undefined,
    });
  });

  it('gives each the name at its place; a name may be empty or come again', () => {
    const { descriptors } = parseListenFds(env('4', 'http:http::a b.socket'), PID);
    expect(descriptors.map(({ fd, name }) => `${fd} ${name}`)).toEqual([
      '3 http',
      '4 http',
      '5 ',
      '6 a b.socket',
    ]);
  });

  it.each([
    ['nothing is set', {}, /LISTEN_PID is not set/],
    ['there is no LISTEN_PID', { LISTEN_FDS: '1' }, /LISTEN_PID is not set/],
    ['there is no LISTEN_FDS', { LISTEN_PID: `${PID}` }, /LISTEN_FDS is not set/],
    ['they are meant for another process', env('1', undefined, '4712'), /is 4712.* than 4711/],
    ['they are malformed, but for another process', env('x', 'a:b', '1'), /another process/],
  ])('finds none when %s, and says so', (_, variables, absence) => {
    const parsed = parseListenFds(variables, PID);
    expect(parsed.descriptors).toEqual([]);
    expect(parsed.absence).toMatch(absence);
  });

  it.each(['', '0', '-1', '1.5', '1e3', ' 1', '1 ', '0x1', 'many', '65536', '99999999999'])(
    'refuses LISTEN_FDS=%j',
    (count) => {
      expect(() => parseListenFds(env(count), PID)).toThrow(RangeError);
      expect(() => parseListenFds(env(count), PID)).toThrow(
        `LISTEN_FDS must be a number from 1 to 65535, not ${JSON.stringify(count)}`,
      );
    },
  );

  it.each(['', '0', '-1', 'self', '99999999999'])('refuses LISTEN_PID=%j', (pid) => {
    expect(() => parseListenFds(env('1', undefined, pid), PID)).toThrow(/^LISTEN_PID must be/);
  });

  it.each([
    ['1', 'a:b', 'LISTEN_FDS is 1, but LISTEN_FDNAMES has 2 names'],
    ['3', 'a:b', 'LISTEN_FDS is 3, but LISTEN_FDNAMES has 2 names'],
    ['1', 'a\nb', 'LISTEN_FDNAMES has "a\\nb", which is not a name'],
    ['1', 'ä', 'LISTEN_FDNAMES has "ä", which is not a name'],
    ['1', 'x'.repeat(256), /not a name/],
  ])('refuses %s descriptors with the names %j', (count, names, message) => {
    expect(() => parseListenFds(env(count, names), PID)).toThrow(TypeError);
    expect(() => parseListenFds(env(count, names), PID)).toThrow(message);
  });

  it('does not look at LISTEN_PID when it is told not to', () => {
    const none = { LISTEN_FDS: '1' };
    expect(parseListenFds(none, null).descriptors).toHaveLength(1);
    expect(parseListenFds(env('1', undefined, 'x'), null).descriptors).toHaveLength(1);
  });

  it('changes nothing', () => {
    const variables = Object.freeze(env('1', 'a'));
    expect(parseListenFds(variables, PID)).toEqual(parseListenFds(variables, PID));
  });
});

describe('ListenFds', () => {
  it('gives each out once, in order or by name', () => {
    const fds = ListenFds.fromEnvironment({ env: env('4', 'a:b:a:c'), pid: PID });
    expect(fds.absence).toBeUndefined();
    expect(fds.take('a')).toEqual({ fd: 3, name: 'a' });
    expect(fds.take()).toEqual({ fd: 4, name: 'b' });
    expect(fds.take('b')).toBeUndefined();
    expect(fds.left.map(({ fd }) => fd)).toEqual([5, 6]);
    expect([fds.take('a')?.fd, fds.take('a')?.fd]).toEqual([5, undefined]);
    expect([fds.take()?.fd, fds.take()?.fd, fds.left.length]).toEqual([6, undefined, 0]);
  });

  it.each([
    ['they were taken', env('1', 'a')],
    ['they were meant for another process', env('1', 'a', '1')],
    ['they were malformed', env('x', 'a')],
  ])('removes the variables when %s', (_, variables) => {
    const environment = { ...variables, OTHER: 'stays' };
    try {
      ListenFds.fromEnvironment({ env: environment, pid: PID });
    } catch (error) {
      expect(error).toBeInstanceOf(RangeError);
    }
    expect(environment).toEqual({ OTHER: 'stays' });
    const again = ListenFds.fromEnvironment({ env: environment, pid: PID });
    expect([again.left, again.absence]).toEqual([[], 'LISTEN_PID is not set']);
  });

  const unix = process.platform !== 'win32';
  // It starts a program, and the machine may be busy.
  it('takes those of its own process, for good', onlyIf(unix, 'Windows has no sh'), () => {
    // The shell replaces itself by node, which so has the pid that the shell has set.
    const index = new URL('../dist/index.js', import.meta.url).href;
    const program = `
      const { ListenFds } = await import(${JSON.stringify(index)});
      const { execSync } = await import('node:child_process');
      console.log(JSON.stringify(ListenFds.fromEnvironment().left));
      console.log(ListenFds.fromEnvironment().absence);
      console.log(execSync('echo "child: $LISTEN_FDS$LISTEN_PID$LISTEN_FDNAMES"').toString());`;
    const script = 'LISTEN_PID=$$ LISTEN_FDS=1 LISTEN_FDNAMES=web exec "$@"';
    const node = [process.execPath, '--input-type=module', '-e', program];
    const run = spawnSync('/bin/sh', ['-c', script, 'sh', ...node], { encoding: 'utf8' });
    expect(run.stdout.trim().split('\n')).toEqual([
      '[{"fd":3,"name":"web"}]',
      'LISTEN_PID is not set',
      'child:',
    ]);
  });
});
