import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { connect } from 'node:net';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { connected, corkedWays, type Program, sleep, startServer } from './program.ts';

// Many programs are started, one after the other, and the machine may be busy.
vi.setConfig({ testTimeout: 600_000 });

const RESTARTS = 3;
const CLIENTS = 6;
/** So many clients are served between two restarts, at least. */
const BETWEEN = 20;
const GREETING = 'Hello world!\n';

/**
 * Connects, is greeted, says something, hears it, and leaves. Resolves to what went wrong, or `''`.
 */
function visit(port: number, line: string, stayMs: number): Promise<string> {
  return new Promise((resolve) => {
    let heard = '';
    let failed = '';
    const socket = connect({ port, host: '127.0.0.1', allowHalfOpen: true });
    socket.setEncoding('latin1').on('data', (text: string) => {
      heard += text;
      if (heard === GREETING) setTimeout(() => socket.end(line), stayMs);
    });
    socket.on('error', (error) => {
      failed = error.message;
    });
    socket.on('close', () => {
      const cut = heard === GREETING + line ? '' : `cut off after ${JSON.stringify(heard)}`;
      resolve(failed || cut);
    });
  });
}

/** Clients that come one after the other, several at a time, until they are told to stop. */
class Crowd {
  served = 0;
  readonly failures: string[] = [];
  readonly #done: Promise<unknown>;
  #open = true;

  constructor(port: number) {
    this.#done = Promise.all(Array.from({ length: CLIENTS }, (_, i) => this.#keepComing(port, i)));
  }

  async #keepComing(port: number, i: number): Promise<void> {
    // Some stay for a while, so that there are always some to be drained.
    while (this.#open) {
      const failed = await visit(port, `line ${this.served} of ${i}\n`, i % 3 === 0 ? 30 : 0);
      this.served++;
      if (failed !== '') this.failures.push(failed);
    }
  }

  /** Resolves when so many more were served. */
  async more(count: number): Promise<void> {
    const enough = this.served + count;
    while (this.served < enough) await sleep(5);
  }

  async disperse(): Promise<void> {
    this.#open = false;
    await this.#done;
  }
}

const servers: number[] = [];

// What a failing test leaves behind are the children of its child.
afterEach(() => {
  for (const pid of servers.splice(0)) {
    if (commandOf(pid).includes('tcp_listenfd_server')) process.kill(pid, 'SIGKILL');
  }
});

function commandOf(pid: number): string {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, 'utf8');
  } catch {
    return '';
  }
}

/** Resolves to the process id of a server when it is ready. */
async function ready(supervisor: Program, number: number): Promise<number> {
  const pattern = new RegExp(`server ${number} is ready \\(pid (\\d+)\\)`);
  const pid = Number((await supervisor.printed(pattern))[1]);
  servers.push(pid);
  return pid;
}
const ended = (supervisor: Program, number: number) =>
  supervisor.printed(new RegExp(`server ${number} has ended \\((.*)\\)`));

const linuxWays = process.platform === 'linux' ? corkedWays : [];

describe.each(linuxWays)('restarting tcp_listenfd_server on $name', ({ way }) => {
  const start = () => startServer('supervisor', way);

  it(`refuses nobody and cuts nobody off, ${RESTARTS} times in a row`, async () => {
    const supervisor = await start();
    await ready(supervisor, 1);
    const crowd = new Crowd(supervisor.port);
    for (let number = 1; number <= RESTARTS; number++) {
      await crowd.more(BETWEEN);
      supervisor.child.kill('SIGHUP');
      await ready(supervisor, number + 1);
      expect((await ended(supervisor, number))[1]).toBe('0');
    }
    await crowd.more(BETWEEN);
    await crowd.disperse();
    expect(crowd.failures).toEqual([]);
    expect(await supervisor.stop()).toBe(0);
    // Each was accepted once, by one of the servers.
    expect(supervisor.stdout.match(/Accepted connection/g)).toHaveLength(crowd.served);
    expect(supervisor.stderr).toBe('');
  });

  it('lets a client that stays longer than its server is wanted finish', async () => {
    const supervisor = await start();
    await ready(supervisor, 1);
    const staying = await connected(supervisor.port);
    let heard = '';
    staying.setEncoding('latin1').on('data', (text: string) => {
      heard += text;
    });
    await supervisor.printed(/Accepted connection/);
    for (const number of [2, 3]) {
      supervisor.child.kill('SIGHUP');
      await ready(supervisor, number);
      staying.write(`still here, and it is ${number}\n`);
      while (!heard.endsWith(`${number}\n`)) await once(staying, 'data');
    }
    // The one in between had no client, and has gone.
    expect((await ended(supervisor, 2))[1]).toBe('0');
    expect(supervisor.stdout).not.toContain('server 1 has ended');
    staying.end();
    await ended(supervisor, 1);
    expect(heard).toBe(`${GREETING}still here, and it is 2\nstill here, and it is 3\n`);
    expect(await supervisor.stop()).toBe(0);
  });

  it('starts no server any more once it is to end', async () => {
    const supervisor = await start();
    await ready(supervisor, 1);
    const staying = await connected(supervisor.port);
    await supervisor.printed(/Accepted connection/);
    supervisor.child.kill('SIGTERM');
    await supervisor.printed(/stopping when the last client has left\n/);
    supervisor.child.kill('SIGHUP');
    staying.resume().end();
    expect(await supervisor.ended).toBe(0);
    expect(supervisor.stdout).not.toContain('server 2');
  });

  it('serves those who came while the old server was stuck', async () => {
    const supervisor = await start();
    const old = await ready(supervisor, 1);
    // They wait in the kernel's queue, which both servers have.
    process.kill(old, 'SIGSTOP');
    const waiting = Array.from({ length: 50 }, (_, i) => visit(supervisor.port, `${i}\n`, 0));
    await sleep(100);
    supervisor.child.kill('SIGHUP');
    await ready(supervisor, 2);
    process.kill(old, 'SIGCONT');
    expect(new Set(await Promise.all(waiting))).toEqual(new Set(['']));
    await ended(supervisor, 1);
    expect(await supervisor.stop()).toBe(0);
  });
});
