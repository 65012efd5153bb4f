// node examples/dist/supervisor.js            (after `npm run build`; Linux)
//
// systemd in miniature. It binds a socket, never accepts from it, and runs tcp_listenfd_server on
// it. On SIGHUP it starts a new server on the same socket, and drains the old one when the new one
// is ready. No client is refused, and none is cut off before the drain of its server ends:
//
//   printf 'hello\n' | node examples/dist/tcp_client.js --port 9000
//   kill -HUP PID          (it prints its PID)
//
// `--backend` and `--wait` are the server's. The supervisor itself is on epoll: Node has no Unix
// datagrams, by which servers tell that they are ready (sd_notify).
import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Interest, WouldBlock } from '@evloop/core';
import * as epoll from '@evloop/epoll';
import * as net from '@evloop/net';
import { Loop } from '@evloop/service';
import { Failure, program } from '@evloop/service/program';

const SERVER = fileURLToPath(new URL('./tcp_listenfd_server.js', import.meta.url));
const buffer = new Uint8Array(4096);

/** How servers are started. */
interface Order {
  readonly loop: Loop;
  /** The listening descriptor that they are given. */
  readonly fd: number;
  readonly args: readonly string[];
  readonly folder: string;
  ready(server: Child): void;
  ended(server: Child, why: number | string): void;
}

/** A server that the supervisor has started. */
class Child {
  readonly number: number;
  readonly process: ChildProcess;
  #draining = false;

  constructor(number: number, { loop, fd, args, folder, ready, ended }: Order) {
    this.number = number;
    // One socket for each server: so none can be mistaken for another.
    const path = join(folder, String(number));
    const notifications = epoll.UnixDatagram.bind(path);
    loop.attach(notifications, Interest.READABLE, () => {
      for (let size = notifications.recv(buffer); size !== WouldBlock; ) {
        const lines = Buffer.from(buffer.buffer, 0, size).toString().split('\n');
        if (lines.includes('READY=1')) ready(this);
        size = notifications.recv(buffer);
      }
    });
    // LISTEN_PID is known only in the new process: the shell is it, and becomes the server.
    const command = ['-c', 'LISTEN_PID=$$ exec "$@"', 'sh', process.execPath, SERVER, ...args];
    const names = { LISTEN_FDS: '1', LISTEN_FDNAMES: 'supervised', NOTIFY_SOCKET: path };
    this.process = spawn('/bin/sh', command, {
      stdio: ['ignore', 'inherit', 'inherit', fd],
      env: { ...process.env, ...names },
    });
    const end = (why: number | string) => {
      notifications.close();
      ended(this, why);
    };
    this.process.once('error', (error) => end(error.message));
    this.process.once('exit', (code, signal) => end(code ?? signal ?? 'unknown'));
  }

  /** Has it accept no more, and end when its last client has left. */
  drain(): void {
    // A second SIGTERM would end it at once, and cut its clients off.
    if (!this.#draining) this.process.kill('SIGTERM');
    this.#draining = true;
  }
}

await program(
  {
    about: 'Runs an echo server, and restarts it on SIGHUP.',
    port: 9000,
    backends: { epoll, net },
  },
  async (it) => {
    const { unavailable } = epoll;
    if (unavailable !== undefined) throw new Failure(`it needs epoll: ${unavailable.reason}`);
    const { fd } = (await it.listen({}, epoll)) as InstanceType<typeof epoll.TcpListener>;
    it.hint(`Restart the server with: kill -HUP ${process.pid}`);
    const loop = new Loop(epoll);
    const folder = mkdtempSync(join(tmpdir(), 'evloop-supervisor-'));
    const args = ['--backend', it.backend.name, '--wait', it.wait, ...(it.quiet ? ['-q'] : [])];
    if (it.cork) args.push('--cork');
    const servers = new Set<Child>();
    let [started, stopping] = [0, false];
    const restart = () => {
      if (!stopping) servers.add(new Child(++started, { loop, fd, args, folder, ready, ended }));
    };
    const ready = ({ number, process }: Child) => {
      it.print(`server ${number} is ready (pid ${process.pid})`);
      for (const other of servers) if (other.number < number) other.drain();
    };
    const ended = (server: Child, why: number | string) => {
      it.print(`server ${server.number} has ended (${why})`);
      servers.delete(server);
      if (servers.size === 0) loop.stop();
    };
    const end = (signal: 'SIGINT' | 'SIGTERM') => {
      if (signal === 'SIGTERM' && !stopping) {
        it.print('stopping when the last client has left');
        for (const server of servers) server.drain();
      } else for (const server of servers) server.process.kill('SIGINT');
      stopping = true;
    };
    process.on('SIGHUP', restart).on('SIGTERM', end).on('SIGINT', end);
    restart();
    await loop.run();
    rmSync(folder, { recursive: true });
    if (!stopping) throw new Failure('no server is left');
  },
);
