import { needs, noNativeObject, type ProgramName } from '@evloop/testing';
import { describe, expect, it } from 'vitest';
import { documented } from './documented.ts';
import { answered, freePort, Program, shell, startServer, ways } from './program.ts';

const FOREIGN: readonly ProgramName[] = [
  'ncat',
  'redis-benchmark',
  'redis-cli',
  'socat',
  'systemd-socket-activate',
];

/** The foreign programs that a command drives. */
const foreignIn = (command: string) => FOREIGN.filter((name) => command.includes(name));

/** A free place, and how a command looks that goes there. */
async function place(): Promise<{ port: number; at: (command: string) => string }> {
  const port = await freePort();
  const at = (command: string) =>
    command
      .replace(/\b(9000|8080|6379)\b/g, String(port))
      .replace(/@evloop|ABSTRACT-CONNECT:evloop/g, `$&-${port}`);
  return { port, at };
}

/**
 * Starts what runs until it is stopped. The shell becomes the program, so that its process id is
 * the program's.
 */
const start = (command: string) => new Program('/bin/sh', ['-c', `exec ${command}`]);

/** Starts a server as it is documented, on a port of its own, and waits until it listens. */
async function startDocumented(command: string, port: number, options: string): Promise<Program> {
  const activated = command.startsWith('systemd-socket-activate');
  const server = start(`${command} ${activated ? '' : `--port ${port}`} ${options}`);
  if (activated) await server.printed(/Listening on/, 'stderr');
  else await server.printed(/listens on/);
  return server;
}

/** Types a line into what was started, once it is connected. */
async function types(program: Program, line: string, answer: RegExp): Promise<void> {
  program.child.stdin.write(line);
  await program.printed(answer);
}

interface Documentation {
  /** How the server is started. */
  readonly command: string;
  /** How it is tried. */
  readonly tries: readonly string[];
  readonly options: ReturnType<typeof needs>;
}

/**
 * The documented commands of a server that need Node alone, or those that need a foreign program
 * too. Each way to start it comes with the ways to try it.
 */
function documentation(name: string, kind: 'node' | 'foreign'): Documentation[] {
  const { starts, tries } = documented(name);
  return starts.flatMap((command) => {
    // Only where there is a Unix socket is a command of use that connects to one.
    const fitting = tries.filter((one) => !one.includes('ABSTRACT') || command.includes('@'));
    const isForeign = (one: string) => foreignIn(one).length > 0 || foreignIn(command).length > 0;
    const chosen = fitting.filter((one) => isForeign(one) === (kind === 'foreign'));
    if (chosen.length === 0) return [];
    const options = needs(...new Set([command, ...chosen].flatMap(foreignIn)));
    return [{ command, tries: chosen, options }];
  });
}

const linux = process.platform === 'linux';

/** Adds a test for each documented server: its commands do what the documentation says. */
export function testDocumentation(kind: 'node' | 'foreign'): void {
  describe.each(ways)('the documented commands, on %s, %s', (backend, wait) => {
    const flags = `--backend ${backend} --wait ${wait}`;

    for (const name of ['tcp_server', 'tcp_listenfd_server', 'supervisor']) {
      for (const { command, tries, options } of documentation(name, kind)) {
        if (name !== 'tcp_server' && !linux) continue;
        it(command, options, async () => {
          const { port, at } = await place();
          const server = await startDocumented(at(command), port, flags);
          for (const one of tries) {
            if (one === 'kill -HUP PID') {
              await server.printed(/server 1 is ready/);
              await shell(`kill -HUP ${server.child.pid}`);
              await server.printed(/server 2 is ready[\s\S]*server 1 has ended \(0\)/);
            } else {
              expect(one).toMatch(/9000|evloop/);
              const { code, stdout } = await shell(at(one));
              expect([one, code, stdout]).toEqual([one, 0, 'Hello world!\nhello\n']);
            }
          }
          expect(await server.stop()).toBe(0);
        });
      }
    }

    for (const { command, tries, options } of documentation('udp_server', kind)) {
      it(command, options, async () => {
        const { port, at } = await place();
        const server = await startDocumented(at(command), port, flags);
        for (const one of tries.map(at)) {
          if (one.startsWith('printf')) expect(await answered(one)).toBe('hello\n');
          else if (one.startsWith('node')) expect((await shell(one)).stdout).toBe('hello\n');
          else {
            const client = start(one);
            await types(client, 'typed\n', /^typed\n$/);
            client.child.kill();
            await client.ended;
          }
        }
        expect(await server.stop()).toBe(0);
      });
    }

    for (const { command, tries, options } of documentation('resp_server', kind)) {
      it(command, options, async () => {
        const { port, at } = await place();
        const server = await startDocumented(at(command), port, flags);
        for (const one of tries) {
          const { code, stdout } = await shell(at(one));
          expect([one, code]).toEqual([one, 0]);
          if (one.startsWith('printf')) expect(stdout).toBe('+OK\r\n$5\r\nhello\r\n');
          else if (one.startsWith('redis-cli')) expect(stdout).toBe('\n');
          else expect(stdout).toContain('requests per second');
        }
        expect(await server.stop()).toBe(0);
      });
    }

    for (const { command, tries, options } of documentation('broadcast_server', kind)) {
      it(command, options, async () => {
        const { port, at } = await place();
        const server = await startDocumented(at(command), port, flags);
        const talkers = [...tries, ...tries].map((one) => start(at(one)));
        await server.printed(new RegExp(`(Accepted[\\s\\S]*){${talkers.length}}`));
        for (const [i, talker] of talkers.entries()) {
          talker.child.stdin.write(`typed in ${i}\n`);
          const others = talkers.filter((other) => other !== talker);
          for (const other of others) await other.printed(new RegExp(`typed in ${i}\n`));
        }
        for (const [i, talker] of talkers.entries()) {
          expect(talker.stdout).not.toContain(`typed in ${i}\n`);
          talker.child.stdin.end();
        }
        expect(await server.stop()).toBe(0);
      });
    }
  });

  for (const { command, tries, options } of linux ? documentation('multi_core_server', kind) : []) {
    it(command, options, async () => {
      const { port, at } = await place();
      const server = await startDocumented(at(command), port, '');
      for (const one of tries) {
        expect((await shell(at(one))).stdout).toBe('Hello world!\nhello\n');
      }
      expect(await server.stop()).toBe(0);
      expect(server.stdout).toMatch(/\n1 clients: /);
    });
  }
}

/** Adds a test of the documented client, which needs Node alone. */
export function testDocumentedClient(): void {
  it.each(ways)('the commands of tcp_client, on %s, %s', async (backend, wait) => {
    const { starts, tries } = documented('tcp_client');
    const server = await startServer('tcp_server', ['--backend', backend, '--wait', wait]);
    const at = (command: string) => command.replace('9000', String(server.port));
    for (const command of starts) {
      const client = start(`${at(command)} --backend ${backend}`);
      await types(client, 'typed\n', /^Hello world!\ntyped\n$/);
      client.child.stdin.end();
      expect(await client.ended).toBe(0);
    }
    // Only epoll can block.
    const able = tries.filter((command) => !(noNativeObject && command.includes('--wait sync')));
    expect(able.length).toBeGreaterThan(0);
    for (const command of able) {
      expect((await shell(at(command))).stdout).toBe('Hello world!\nhello\n');
    }
    expect(await server.stop()).toBe(0);
  });
}
