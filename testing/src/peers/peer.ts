import { spawn } from 'node:child_process';
import { randomInt } from 'node:crypto';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';

/** A server that a test has started on a free port of loopback. It ends with the test. */
export interface Peer {
  readonly port: number;
  /** What it has printed, on standard output and error. */
  output(): string;
  /** Ends it, and resolves when it has ended. */
  stop(signal?: NodeJS.Signals): Promise<void>;
}

/**
 * Starts a program, and resolves when it has printed that it is ready.
 *
 * @param ready what it prints then, on standard output or error.
 * @param port where it listens. Default: the first group of `ready`.
 */
export async function startPeer(
  [file, ...args]: readonly string[],
  ready: RegExp,
  port?: number,
): Promise<Peer> {
  const child = spawn(file as string, args, { stdio: ['ignore', 'pipe', 'pipe'] });
  const closed = once(child, 'close');
  closed.catch(() => {});
  const stop = async (signal: NodeJS.Signals = 'SIGTERM'): Promise<void> => {
    child.kill(signal);
    await closed;
  };
  onTestFinished(() => stop('SIGKILL'));
  let output = '';
  const match = await new Promise<RegExpExecArray>((resolve, reject) => {
    const hear = (text: Buffer): void => {
      output += text;
      const found = ready.exec(output);
      if (found !== null) resolve(found);
    };
    child.stdout.on('data', hear);
    child.stderr.on('data', hear);
    child.once('error', reject);
    child.once('close', () => reject(new Error(`${file} ended: ${output}`)));
  });
  return { port: port ?? Number(match[1]), stop, output: () => output };
}

/** Makes a folder that is removed when the test has ended. */
export function temporaryFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'evloop-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

/**
 * Returns a port on which no server listens. It is below the ports that the system gives to
 * programs that ask for any, so it is still free when the peer binds it.
 */
export async function freePort(): Promise<number> {
  for (;;) {
    const port = randomInt(10_000, 32_768);
    const server = createServer();
    const free = await new Promise<boolean>((resolve) => {
      server.once('error', () => resolve(false)).listen(port, '127.0.0.1', () => resolve(true));
    });
    if (!free) continue;
    await new Promise((resolve) => server.close(resolve));
    return port;
  }
}
