// The simulations of examples/simulations find bugs, and the examples have none that they find.
import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { type Backend, Events, Interest, type TcpStream, Token, WouldBlock } from '@evloop/core';
import { explore, swarm } from '@evloop/sim';
import { describe, expect, it } from 'vitest';
import { addEchoClients } from '../simulations/echo-clients.ts';
import { root } from './program.ts';

const GREETING = Buffer.from('Hello world!\n');
const tcp = { sendBuffer: 4096, receiveBuffer: 4096 };

/** An echo server that forgets what a short write has left, where `correct` is false. */
async function echoServer(backend: Backend, correct: boolean): Promise<void> {
  const poll = new backend.Poll();
  const listener = await backend.TcpListener.bind('0.0.0.0:9000');
  poll.registry.register(listener, Token(0), Interest.READABLE);
  const clients = new Map<Token, { stream: TcpStream; unsent: Buffer }>();
  const events = new Events(16);
  const buffer = Buffer.alloc(2048);
  let next = 1;

  function step(token: Token, client: { stream: TcpStream; unsent: Buffer }): void {
    const { stream } = client;
    for (;;) {
      while (client.unsent.length > 0) {
        const sent = stream.write(client.unsent);
        if (sent === WouldBlock) return;
        client.unsent = client.unsent.subarray(correct ? sent : client.unsent.length);
      }
      const size = stream.read(buffer);
      if (size === WouldBlock) return;
      if (size > 0) client.unsent = Buffer.from(buffer.subarray(0, size));
      else {
        stream.close();
        clients.delete(token);
        return;
      }
    }
  }

  for (;;) {
    await poll.poll(events);
    for (const { token } of [...events].map(({ token }) => ({ token }))) {
      if (token === 0) {
        for (let it = listener.accept(); it !== WouldBlock; it = listener.accept()) {
          clients.set(Token(next), { stream: it, unsent: Buffer.from(GREETING) });
          poll.registry.register(it, Token(next++), Interest.READABLE | Interest.WRITABLE);
        }
      }
      const client = clients.get(token);
      if (client === undefined) continue;
      try {
        step(token, client);
      } catch {
        client.stream.close();
        clients.delete(token);
      }
    }
  }
}

const echo = (correct: boolean, runs: number) =>
  explore({ runs, until: '2000s', faults: swarm(), tcp }, async (sim) => {
    const web = sim.host('web', { ip: '10.0.0.1' }, ({ backend }) => echoServer(backend, correct));
    const clients = addEchoClients(sim, 2, '10.0.0.1:9000', [web]);
    await sim.run('20s');
    sim.heal();
    await sim.eventually('every client is served', clients.served, '600s');
  });

describe('the clients of the simulations', () => {
  it('find an echo server that forgets what a short write has left', async () => {
    const { found } = await echo(false, 20);
    expect(found?.failure.message).toMatch(
      /heard other bytes|heard the end|every client is served/,
    );
  });

  it('have nothing against one that keeps it', async () => {
    const { found } = await echo(true, 20);
    expect(found?.failure.message).toBeUndefined();
  });
});

describe('the simulations', () => {
  it('find nothing in the examples, and print what was run', () => {
    const tool = fileURLToPath(new URL('../../tools/ci/run-simulations.mjs', import.meta.url));
    const env = { ...process.env, EVLOOP_SIM_SEEDS: '4', EVLOOP_SIM_SECONDS: '100000' };
    const { status, stdout, stderr } = spawnSync(process.execPath, [tool], {
      cwd: root,
      encoding: 'utf8',
      env: { ...env, NODE_OPTIONS: '' },
    });
    expect([status, stderr]).toEqual([0, '']);
    const names = ['tcp-server', 'broadcast-server', 'udp-server', 'tcp-proxy', 'connect'];
    for (const name of [...names, 'http-server']) {
      expect(stdout).toMatch(
        new RegExp(`^${name} +4 of 4 seeds, \\d+ a minute, \\d+ events a second, done$`, 'm'),
      );
    }
  }, 600_000);

  it('run each program with arguments, an environment, output and signals of its own', () => {
    const file = fileURLToPath(new URL('./simulated-programs.mjs', import.meta.url));
    const { stdout, stderr } = spawnSync(process.execPath, [file], {
      encoding: 'utf8',
      env: { ...process.env, NODE_OPTIONS: '' },
    });
    expect(stderr).toBe('');
    expect(JSON.parse(stdout)).toEqual({
      one: { stdout: 'one of sim\none ends\n', stderr: '', alive: false },
      two: { stdout: 'two of sim\n', stderr: '', alive: true },
      twoAfterSigint: false,
      failure: 'the program of host web failed: exit code 3: no luck',
      argv: true,
    });
  });
});
