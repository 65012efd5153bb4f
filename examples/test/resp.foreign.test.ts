import { needs } from '@evloop/testing';
import { describe, expect, it } from 'vitest';
import { shell, startServer, ways } from './program.ts';

describe.each(ways)('resp_server on %s, %s', (backend, wait) => {
  const start = () => startServer('resp_server', ['--backend', backend, '--wait', wait, '--quiet']);

  it('answers redis-cli, in RESP2 and RESP3', needs('redis-cli'), async () => {
    const server = await start();
    for (const version of ['-2', '-3']) {
      const cli = async (words: string): Promise<string> => {
        const command = `redis-cli ${version} --no-raw -p ${server.port} ${words} </dev/null`;
        const { code, stdout } = await shell(command);
        expect(code).toBe(0);
        return stdout;
      };
      expect(await cli('ping')).toBe('PONG\n');
      expect(await cli("set key 'a value'")).toBe('OK\n');
      expect(await cli('get key')).toBe('"a value"\n');
      expect(await cli('get none')).toBe('(nil)\n');
      expect(await cli('del key')).toBe('(integer) 1\n');
      expect(await cli('nonsense')).toBe("(error) ERR unknown command 'nonsense'\n");
      expect(await cli('mget a b')).toBe('1) (nil)\n2) (nil)\n');
      expect(await cli('info')).toContain('loading:0');
      expect(await cli('--scan')).toBe('');
    }
    expect(await server.stop()).toBe(0);
  });

  it(
    'survives redis-benchmark, with and without a pipeline',
    needs('redis-benchmark'),
    async () => {
      const server = await start();
      for (const pipeline of [1, 16]) {
        const { code, stdout } = await shell(
          `redis-benchmark -p ${server.port} -t ping,set,get,incr -P ${pipeline} -n 2000 -d 100 -r 50 --csv`,
        );
        expect(code).toBe(0);
        for (const test of ['PING_INLINE', 'PING_MBULK', 'SET', 'GET', 'INCR']) {
          expect(stdout).toContain(`"${test}","`);
        }
      }
      expect(await server.stop()).toBe(0);
      expect(server.stderr).toBe('');
    },
  );
});
