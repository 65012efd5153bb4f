import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { createInterface } from 'node:readline';

const START_MS = 60_000;

// A run that is cut off leaves no server behind.
const running = new Set<ChildProcess>();
process.on('exit', () => {
  for (const child of running) child.kill('SIGKILL');
});

/** A server that runs, in a process of its own. */
export class ServerProcess {
  readonly port: number;
  readonly pid: number;
  /** The last size of its heap that it printed. */
  heap: number | undefined;
  /** Why it ended, if it did so by itself. */
  end: string | undefined;
  readonly #child: ChildProcess;

  private constructor(child: ChildProcess, port: number, pid: number) {
    this.#child = child;
    this.pid = pid;
    this.port = port;
  }

  /**
   * Starts `command`, and waits until it prints `listening PORT`, or as the examples do. With
   * `listening PORT PID` another process is measured.
   */
  static async start(command: readonly string[]): Promise<ServerProcess> {
    const [file = '', ...args] = command;
    const child = spawn(file, args, { stdio: ['ignore', 'pipe', 'pipe'] });
    running.add(child);
    child.once('exit', () => running.delete(child));
    let errors = '';
    child.stderr.on('data', (chunk: Buffer) => {
      if (errors.length < 4000) errors += chunk;
    });
    const lines = createInterface({ input: child.stdout });
    let server: ServerProcess | undefined;
    let heap: number | undefined;
    const [port = 0, pid = 0] = await new Promise<number[]>((resolve, reject) => {
      const timer = setTimeout(() => reject(new Error('it did not listen in time')), START_MS);
      lines.on('line', (line) => {
        const [word, number] = line.split(' ');
        const found = /^listening (\d+)(?: (\d+))?$| listens on \S+:(\d+)$/.exec(line);
        if (found !== null) resolve([found[1] ?? found[3], found[2] ?? child.pid].map(Number));
        if (word === 'heap') heap = Number(number);
        if (server !== undefined) server.heap = heap;
      });
      child.once('error', reject);
      child.once('exit', (code, signal) => {
        const reason = /^\s*\w*Error.*$/m.exec(errors)?.[0].trim() ?? errors.trim().split('\n')[0];
        const end = `it ended (${code ?? signal}): ${reason ?? ''}`;
        if (server !== undefined) server.end = end;
        reject(new Error(end));
      });
      const clear = (): void => clearTimeout(timer);
      child.once('exit', clear);
      lines.once('line', clear);
    }).catch((error: unknown) => {
      child.kill('SIGKILL');
      throw error;
    });
    server = new ServerProcess(child, port, pid);
    server.heap = heap;
    return server;
  }

  /** The resident memory in bytes, now or at its highest. */
  residentBytes(which: 'VmRSS' | 'VmHWM'): number {
    const status = readFileSync(`/proc/${this.pid}/status`, 'utf8');
    return Number(new RegExp(`^${which}:\\s*(\\d+) kB`, 'm').exec(status)?.[1] ?? 0) * 1024;
  }

  /** Ends the process, and waits until it has ended. */
  async stop(): Promise<void> {
    if (this.#child.exitCode !== null || this.#child.signalCode !== null) return;
    const ended = once(this.#child, 'exit');
    this.#child.kill('SIGKILL'); // nothing is lost, and a blocked loop would not hear SIGTERM
    await ended;
  }
}
