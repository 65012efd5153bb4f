import { onlyIf } from '@evloop/testing';
import { describe, expect, it } from 'vitest';
import { built, connected, Program, received, sleep, ways } from './program.ts';

describe.each(ways)(
  'tcp_server on %s, %s',
  onlyIf(process.platform !== 'win32', 'Windows has no sh'),
  (backend, wait) => {
    it('goes on when descriptors are used up, and serves again when some are free', async () => {
      const command = `ulimit -n 200; exec node ${built('tcp_server')} --port 0 --quiet --backend ${backend} --wait ${wait}`;
      const server = new Program('/bin/sh', ['-c', command]);
      const [, port] = await server.printed(/listens on \S+:(\d+)\n/);
      const crowd = await Promise.all(Array.from({ length: 400 }, () => connected(Number(port))));
      for (const socket of crowd) socket.resume();
      await sleep(300);
      for (const socket of crowd) socket.destroy();
      // Backends differ in whether a client waits meanwhile or is sent away, but not in what comes
      // after.
      let echo = '';
      for (let i = 0; echo === '' && i < 100; i++) {
        const late = await connected(Number(port));
        late.end('late');
        echo = await received(late).then(String, () => '');
      }
      expect(echo).toBe('Hello world!\nlate');
      expect(await server.stop()).toBe(0);
      // Said once at the most, however often it happened.
      expect(server.stderr).toMatch(/^(cannot accept a connection: .*\(EMFILE\); going on\n)?$/);
      if (backend === 'epoll') expect(server.stderr).not.toBe('');
    });
  },
);
