import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { afterEach } from 'vitest';

const running = new Set<ChildProcess>();

// Whatever a failing test has left is ended, each by its own process id.
afterEach(async () => {
  for (const child of running) {
    child.kill('SIGKILL');
    await once(child, 'close');
  }
});

/** A program of the documentation that somebody has started. */
export class Running {
  readonly child: ChildProcess;
  readonly ended: Promise<number | string>;
  output = '';
  #over = false;

  constructor(file: string, args: readonly string[], env: NodeJS.ProcessEnv, cwd?: string) {
    this.child = spawn(file, args, {
      cwd,
      env: { ...process.env, ...env },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    running.add(this.child);
    for (const stream of [this.child.stdout, this.child.stderr]) {
      stream?.setEncoding('utf8').on('data', (text: string) => {
        this.output += text;
      });
    }
    this.ended = new Promise((resolve, reject) => {
      this.child.once('error', reject);
      this.child.once('close', (code, signal) => {
        running.delete(this.child);
        this.#over = true;
        resolve(code ?? signal ?? 'unknown');
      });
    });
    this.ended.catch(() => {});
  }

  /** Resolves when the output matches. */
  async printed(pattern: RegExp): Promise<RegExpExecArray> {
    for (;;) {
      const match = pattern.exec(this.output);
      if (match !== null) return match;
      if (this.#over) throw new Error(`it has ended: ${this.output}`);
      const { stdout, stderr } = this.child;
      if (stdout === null || stderr === null) throw new Error('it has no output');
      await Promise.race([once(stdout, 'data'), once(stderr, 'data'), this.ended]);
    }
  }

  /** Ends it as Ctrl-C does. */
  async interrupt(): Promise<void> {
    this.child.kill('SIGINT');
    await this.ended;
  }
}

/** Somebody who has connected, and sees what comes. */
export class Visitor {
  readonly socket: Socket;
  seen = '';
  ended = false;

  private constructor(socket: Socket) {
    this.socket = socket;
    socket.setEncoding('latin1').on('data', (text: string) => {
      this.seen += text;
    });
    socket.on('error', () => {});
    socket.once('close', () => {
      this.ended = true;
    });
  }

  static async to(port: number): Promise<Visitor> {
    const socket = connect(port, '127.0.0.1');
    const visitor = new Visitor(socket);
    await once(socket, 'connect');
    return visitor;
  }

  say(text: string): void {
    this.socket.write(text);
  }

  /** Resolves when what has come matches. */
  async sees(pattern: RegExp): Promise<void> {
    while (!pattern.test(this.seen)) {
      if (this.ended) throw new Error(`the connection has ended; it brought: ${this.seen}`);
      await Promise.race([once(this.socket, 'data'), once(this.socket, 'close')]);
    }
  }

  /** Resolves when the server has ended the connection. */
  async isSentAway(): Promise<void> {
    if (!this.ended) await once(this.socket, 'close');
  }
}
