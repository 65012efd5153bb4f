import { type ChildProcess, spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { WouldBlock } from '@evloop/core';
import { UnixDatagram } from '@evloop/epoll';

/** How a server is started. */
export interface ServerOrder {
  readonly number: number;
  /** The path where it says how it is. */
  readonly socket: string;
  /** The listening descriptor that it is given. */
  readonly fd: number;
  readonly args: readonly string[];
  /** Called when it has ended. */
  ended(): void;
}

const PROGRAM = fileURLToPath(new URL('../tcp_listenfd_server.js', import.meta.url));
const buffer = new Uint8Array(0x1000);

/** A server that a supervisor has started: what systemd is to its services. */
export class ServerProcess {
  readonly number: number;
  /** What it tells us: one sender for each socket, so that nobody can be mistaken for another. */
  readonly notifications: UnixDatagram;
  /** Why it has ended: its exit code, or a signal. */
  ended: number | string | undefined;
  readonly #process: ChildProcess;
  #draining = false;

  constructor({ number, socket, fd, args, ended }: ServerOrder) {
    this.number = number;
    this.notifications = UnixDatagram.bind(socket);
    // LISTEN_PID is known only in the new process: the shell is it, and becomes the server.
    const command = ['-c', 'LISTEN_PID=$$ exec "$@"', 'sh', process.execPath, PROGRAM, ...args];
    this.#process = spawn('/bin/sh', command, {
      stdio: ['ignore', 'inherit', 'inherit', fd],
      env: { ...process.env, LISTEN_FDS: '1', LISTEN_FDNAMES: 'supervised', NOTIFY_SOCKET: socket },
    });
    const end = (why: number | string) => {
      this.ended = why;
      ended();
    };
    this.#process.once('error', (error) => end(error.message));
    this.#process.once('exit', (code, signal) => end(code ?? signal ?? 'unknown'));
  }

  get pid(): number | undefined {
    return this.#process.pid;
  }

  /** Takes the messages that have come. `'ready'` when one of them says so. */
  hear(): 'ready' | undefined {
    let said: 'ready' | undefined;
    for (let size = this.#receive(); size !== WouldBlock; size = this.#receive()) {
      const assignments = Buffer.from(buffer.buffer, 0, size).toString().split('\n');
      if (assignments.includes('READY=1')) said = 'ready';
    }
    return said;
  }

  /** Has it accept no more, and end when its last client has left. */
  drain(): void {
    // A second SIGTERM would end it at once, and cut its clients off.
    if (!this.#draining) this.#process.kill('SIGTERM');
    this.#draining = true;
  }

  /** Has it end at once. */
  end(): void {
    this.#process.kill('SIGINT');
  }

  #receive(): number | WouldBlock {
    return this.notifications.recv(buffer);
  }
}
