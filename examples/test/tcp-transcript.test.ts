import { describe, expect, it } from 'vitest';
import { documented } from './documented.ts';
import { built, corkedWays, shell, startServer } from './program.ts';

/** The commands that are documented for trying the server. */
const commands = documented('tcp_server').tries;
const programOf = (command: string) => /\| (\w+)/.exec(command)?.[1];

it('the README shows ncat, socat and tcp_client', () => {
  expect(commands.map(programOf)).toEqual(expect.arrayContaining(['ncat', 'socat', 'node']));
});

describe.each(corkedWays)('tcp_server on $name', ({ backend, way }) => {
  for (const command of commands.filter((one) => programOf(one) === 'node')) {
    it(`greets and echoes: ${command}`, async () => {
      const server = await startServer('tcp_server', way);
      const { code, stdout } = await shell(command.replace('9000', String(server.port)));
      expect([code, stdout]).toEqual([0, 'Hello world!\nhello\n']);
      await server.printed(/Connection closed/);
      expect(await server.stop()).toBe(0);
      expect(server.stderr).toBe('');
      const from = '127\\.0\\.0\\.1:\\d+';
      expect(server.stdout).toMatch(
        new RegExp(`^Accepted connection from: (${from})\\nConnection closed: \\1\\n$`, 'm'),
      );
    });
  }

  it('says how it is tried, and with --quiet only where it listens', async () => {
    const args = way;
    const server = await startServer('tcp_server', args);
    await server.printed(/socat .*\n/);
    expect(server.stdout).toContain(`\n  ncat 127.0.0.1 ${server.port}\n`);
    expect(server.stdout).toContain(`\n  socat - TCP:127.0.0.1:${server.port}\n`);
    const quiet = await startServer('tcp_server', [...args, '--quiet']);
    await shell(`printf 'hello\\n' | node ${built('tcp_client')} --port ${quiet.port}`);
    expect([await server.stop(), await quiet.stop()]).toEqual([0, 0]);
    expect(quiet.stdout).toBe(`tcp_server on ${backend} listens on 127.0.0.1:${quiet.port}\n`);
  });
});
