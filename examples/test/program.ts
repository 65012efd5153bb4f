import { type ChildProcessByStdio, spawn } from 'node:child_process';
import { randomInt } from 'node:crypto';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { connect, createServer, type Socket } from 'node:net';
import type { Readable, Writable } from 'node:stream';
import { fileURLToPath } from 'node:url';
import { afterEach } from 'vitest';

/** The folder that the commands of the documentation are typed in. */
export const root: string = fileURLToPath(new URL('../..', import.meta.url));

/** Where an example stands once it is built. */
export const built = (name: string): string => `examples/dist/${name}.js`;

type Child = ChildProcessByStdio<Writable, Readable, Readable>;

const running = new Set<Program>();

// Whatever a failing test has left is ended.
afterEach(async () => {
  await Promise.all([...running].map((program) => program.kill()));
});

/** A program that was started: what it has printed, and how it ends. */
export class Program {
  readonly child: Child;
  readonly ended: Promise<number | string>;
  stdout = '';
  stderr = '';
  #over = false;

  /** @param env variables beside those of this process. */
  constructor(file: string, args: readonly string[], env: NodeJS.ProcessEnv = {}) {
    this.child = spawn(file, args, {
      cwd: root,
      env: { ...process.env, ...env },
      stdio: ['pipe', 'pipe', 'pipe'],
      // A process group of its own: `kill` ends what the program has started, too.
      detached: process.platform !== 'win32',
    });
    running.add(this);
    this.child.stdin.on('error', () => {});
    this.child.stdout.setEncoding('latin1').on('data', (text: string) => {
      this.stdout += text;
    });
    this.child.stderr.setEncoding('utf8').on('data', (text: string) => {
      this.stderr += text;
    });
    this.ended = new Promise((resolve, reject) => {
      const end = () => {
        running.delete(this);
        this.#over = true;
      };
      // A program that could not be started says only this.
      this.child.once('error', (error) => {
        if (this.child.pid === undefined) end();
        reject(error);
      });
      this.child.once('close', (code, signal) => {
        end();
        resolve(code ?? signal ?? 'unknown');
      });
    });
    this.ended.catch(() => {});
  }

  /** Resolves when standard output or error matches. */
  async printed(pattern: RegExp, stream: 'stdout' | 'stderr' = 'stdout'): Promise<RegExpExecArray> {
    for (;;) {
      const match = pattern.exec(this[stream]);
      if (match !== null) return match;
      if (this.#over) throw new Error(`it ended: ${this.stdout}${this.stderr}`);
      await Promise.race([once(this.child[stream], 'data'), this.ended]);
    }
  }

  /** Sends a signal; resolves to the exit code. */
  stop(signal: 'SIGINT' | 'SIGTERM' = 'SIGTERM'): Promise<number | string> {
    this.child.kill(signal);
    return this.ended;
  }

  /** Ends the program, and all that it has started, at once. */
  async kill(): Promise<void> {
    const { pid, stdin, stdout, stderr } = this.child;
    if (pid === undefined || this.#over) return;
    try {
      process.kill(process.platform === 'win32' ? pid : -pid, 'SIGKILL');
    } catch {} // It has ended by itself.
    // A process that has left the group may hold the pipes open: do not wait for it.
    for (const stream of [stdin, stdout, stderr]) stream.destroy();
    await this.ended.catch(() => {});
  }

  /** The resident memory, in MiB. */
  memory(): number {
    const status = readFileSync(`/proc/${this.child.pid}/status`, 'utf8');
    return Number(/VmRSS:\s+(\d+) kB/.exec(status)?.[1]) / 1024;
  }
}

/** Starts an example that listens, on a port that the system chooses. */
export async function startServer(
  name: string,
  args: readonly string[],
  node: readonly string[] = [],
): Promise<Program & { port: number }> {
  const program = new Program(process.execPath, [...node, built(name), '--port', '0', ...args]);
  const [, port] = await program.printed(/listens on \S+:(\d+)(?: .*)?\n/);
  return Object.assign(program, { port: Number(port) });
}

/** Runs a command line in the shell, as the documentation shows it. */
export async function shell(
  command: string,
): Promise<{ code: number | string; stdout: string; stderr: string }> {
  const program = new Program('/bin/sh', ['-c', command]);
  const code = await program.ended;
  return { code, stdout: program.stdout, stderr: program.stderr };
}

/**
 * What a command prints that sends a datagram and waits for a second. On a busy machine the answer
 * may come later: then the command is given again, as somebody at a terminal would.
 */
export async function answered(command: string): Promise<string> {
  for (let i = 1; ; i++) {
    const { stdout } = await shell(command);
    if (stdout !== '' || i === 20) return stdout;
  }
}

/** The backends, and the ways to wait on each. */
export const ways: readonly (readonly [backend: string, wait: string])[] =
  process.platform === 'linux'
    ? [
        ['net', 'async'],
        ['epoll', 'async'],
        ['epoll', 'sync'],
      ]
    : [['net', 'async']];

/** A way to run an example: its arguments are in `way`. */
export interface Way {
  readonly name: string;
  readonly backend: string;
  readonly way: readonly string[];
}

/** The same, and corked where the backend can. */
export const corkedWays: readonly Way[] = ways.flatMap(([backend, wait]) => {
  const way = ['--backend', backend, '--wait', wait];
  const name = `${backend}, ${wait}`;
  const plain = { name, backend, way };
  if (backend === 'net') return [plain];
  return [plain, { name: `${name}, corked`, backend, way: [...way, '--cork'] }];
});

/** A connected socket. It is half-open capable: its end of sending does not end its receiving. */
export async function connected(port: number): Promise<Socket> {
  const socket = connect({ port, host: '127.0.0.1', allowHalfOpen: true });
  socket.on('error', () => {});
  await once(socket, 'connect');
  return socket;
}

/** Everything that a socket receives, until its end. */
export async function received(socket: Socket): Promise<Buffer> {
  const chunks: Buffer[] = [];
  socket.on('data', (chunk: Buffer) => chunks.push(chunk)).resume();
  await new Promise<void>((resolve, reject) => {
    socket.once('end', resolve);
    socket.once('close', () => reject(new Error('the connection was cut')));
  });
  socket.end();
  return Buffer.concat(chunks);
}

/**
 * A port on which nobody listens. It is below those that the system gives to whoever asks for any:
 * of these, somebody else may get one before the test uses it.
 */
export async function freePort(): Promise<number> {
  for (;;) {
    const port = randomInt(10_000, 32_768);
    const server = createServer().listen(port, '127.0.0.1');
    const free = await once(server, 'listening').then(
      () => true,
      () => false,
    );
    if (!free) continue;
    await new Promise((resolve) => server.close(resolve));
    return port;
  }
}

export const sleep = (ms: number): Promise<void> =>
  new Promise((resolve) => setTimeout(resolve, ms));
