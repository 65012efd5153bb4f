import { readdirSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { documented, sections } from './documented.ts';
import { answered, freePort, has, Program, shell, startServer, ways } from './program.ts';

/** What a command needs that may not be installed. */
const missing = (commands: readonly string[]) =>
  ['ncat', 'socat', 'systemd-socket-activate'].filter(
    (program) => commands.some((command) => command.includes(program)) && !has(program),
  );

/** What the name of a test says of that. */
const unless = (lacking: readonly string[]) =>
  lacking.length > 0 ? ` (skipped without ${lacking.join(', ')})` : '';

/** A place that is free, and how a command looks that goes there. */
async function place(): Promise<{ port: number; at: (command: string) => string }> {
  const port = await freePort();
  const at = (command: string) =>
    command
      .replace(/\b(9000|8080)\b/g, String(port))
      .replace(/@evloop|ABSTRACT-CONNECT:evloop/g, `$&-${port}`);
  return { port, at };
}

/** Starts what runs until it is stopped. The shell becomes the program, so that its process id is the program's. */
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

it('has a section for each example, and each shows how it is started', () => {
  const examples = readdirSync(new URL('..', import.meta.url))
    .filter((file) => /^[a-z_]+\.ts$/.test(file))
    .map((file) => file.replace('.ts', ''));
  expect(sections().sort()).toEqual(examples.sort());
  for (const name of examples) {
    const { starts, tries } = documented(name);
    expect([name, starts.length > 0, tries.length > 0]).toEqual([name, true, true]);
  }
});

const echoServers = ['tcp_server', 'tcp_listenfd_server', 'supervisor'];

describe.each(ways)('the documented commands, on %s, %s', (backend, wait) => {
  const options = `--backend ${backend} --wait ${wait}`;

  for (const name of echoServers) {
    const { starts, tries } = documented(name);
    for (const command of starts) {
      const lacking = missing([command, ...tries]);
      // Only where there is a Unix socket is a command of use that connects to one.
      const fitting = tries.filter((one) => !one.includes('ABSTRACT') || command.includes('@'));
      if (name !== 'tcp_server' && process.platform !== 'linux') lacking.push('Linux');
      it.skipIf(lacking.length > 0)(`${command}${unless(lacking)}`, async () => {
        const { port, at } = await place();
        const server = await startDocumented(at(command), port, options);
        for (const one of fitting) {
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

  it('tcp_client', async () => {
    const { starts, tries } = documented('tcp_client');
    const server = await startServer('tcp_server', options.split(' '));
    const at = (command: string) => command.replace('9000', String(server.port));
    for (const command of starts) {
      const client = start(`${at(command)} --backend ${backend}`);
      await types(client, 'typed\n', /^Hello world!\ntyped\n$/);
      client.child.stdin.end();
      expect(await client.ended).toBe(0);
    }
    for (const command of tries) {
      expect((await shell(at(command))).stdout).toBe('Hello world!\nhello\n');
    }
    expect(await server.stop()).toBe(0);
  });

  const udp = documented('udp_server');
  const udpLacks = missing(udp.tries);
  it.skipIf(udpLacks.length > 0)(`udp_server${unless(udpLacks)}`, async () => {
    for (const command of udp.starts) {
      const { port, at } = await place();
      const server = await startDocumented(at(command), port, options);
      for (const one of udp.tries.map(at)) {
        if (one.startsWith('printf')) expect(await answered(one)).toBe('hello\n');
        else {
          const client = start(one);
          await types(client, 'typed\n', /^typed\n$/);
          client.child.kill();
          await client.ended;
        }
      }
      expect(await server.stop()).toBe(0);
    }
  });

  const broadcast = documented('broadcast_server');
  const broadcastLacks = missing(broadcast.tries);
  it.skipIf(broadcastLacks.length > 0)(`broadcast_server${unless(broadcastLacks)}`, async () => {
    for (const command of broadcast.starts) {
      const { port, at } = await place();
      const server = await startDocumented(at(command), port, options);
      const talkers = broadcast.tries.map((one) => start(at(one)));
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
    }
  });
});

const multiCore = documented('multi_core_server');
const lacking = missing(multiCore.tries);
if (process.platform !== 'linux') lacking.push('Linux');
it.skipIf(lacking.length > 0)(`multi_core_server${unless(lacking)}`, async () => {
  for (const command of multiCore.starts) {
    const { port, at } = await place();
    const server = await startDocumented(at(command), port, '');
    for (const one of multiCore.tries) {
      expect((await shell(at(one))).stdout).toBe('Hello world!\nhello\n');
    }
    expect(await server.stop()).toBe(0);
    expect(server.stdout).toMatch(/\n1 clients: /);
  }
});
