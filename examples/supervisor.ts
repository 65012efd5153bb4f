// node examples/dist/supervisor.js            (after `npm run build`; Linux)
//
// systemd in miniature: it binds a socket, never accepts from it, and runs tcp_listenfd_server on it. On SIGHUP it starts a new server on
// the same socket, and when that says that it is ready, has the old one drain. No client is refused, and none is cut off:
//
//   printf 'hello\n' | node examples/dist/tcp_client.js --port 9000
//   kill -HUP PID          (it prints its PID)
//
// `--backend` and `--wait` are the server's. The supervisor itself is on epoll, since Node has no Unix datagrams, by which servers say that
// they are ready: src/server-process.ts.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Event, formatSocketAddress, Interest, type Registry, Token } from '@evloop/core';
import type { TcpListener } from '@evloop/epoll';
import { chooseBackend } from './src/choose-backend.ts';
import { type Options, readCommandLine } from './src/command-line.ts';
import { listen } from './src/listen.ts';
import { outliveOutput } from './src/outlive-output.ts';
import { Failure, runProgram } from './src/program.ts';
import { runLoop, type Service } from './src/run-loop.ts';
import { ServerProcess } from './src/server-process.ts';
import { Stop } from './src/stop.ts';

class Supervisor implements Service {
  readonly #registry: Registry;
  readonly #start: (number: number, folder: string) => ServerProcess;
  readonly #folder = mkdtempSync(join(tmpdir(), 'evloop-supervisor-'));
  /** By token, oldest first. */
  readonly #servers = new Map<Token, ServerProcess>();
  #started = 0;
  #stopping = false;

  constructor(registry: Registry, start: (number: number, folder: string) => ServerProcess) {
    this.#registry = registry;
    this.#start = start;
    this.restart();
  }

  /** Starts a server, which takes the place of the others when it is ready. */
  restart(): void {
    if (this.#stopping) return;
    const number = ++this.#started;
    const server = this.#start(number, this.#folder);
    const token = Token(number);
    this.#registry.register(server.notifications, token, Interest.READABLE);
    this.#servers.set(token, server);
  }

  onEvent({ token }: Event): void {
    const server = this.#servers.get(token);
    if (server?.hear() !== 'ready') return;
    console.log(`server ${server.number} is ready (pid ${server.pid})`);
    for (const other of this.#servers.values()) if (other.number < server.number) other.drain();
  }

  work(): 'wait' | 'end' {
    for (const [token, server] of this.#servers) {
      if (server.ended === undefined) continue;
      console.log(`server ${server.number} has ended (${server.ended})`);
      this.#servers.delete(token);
      server.notifications.close();
    }
    if (this.#servers.size > 0) return 'wait';
    if (!this.#stopping) throw new Failure('no server is left');
    return 'end';
  }

  drain(): void {
    if (this.#stopping) return;
    this.#stopping = true;
    console.log('stopping when the last client has left');
    for (const server of this.#servers.values()) server.drain();
  }

  /** Ends at once whatever is left. */
  close(): void {
    for (const server of this.#servers.values()) server.end();
    rmSync(this.#folder, { recursive: true });
  }
}

await runProgram(async () => {
  outliveOutput();
  const stop = new Stop().onSignals('drain');
  const options = readCommandLine('Runs an echo server, and restarts it on SIGHUP.', 9000);
  await chooseBackend(options.backend, options.wait);
  const epoll = await chooseBackend('epoll', 'async');
  const listener = (await listen(epoll, options.address)) as TcpListener;
  const poll = new epoll.Poll();
  const ended = () => stop.wake();
  const supervisor = new Supervisor(poll.registry, (number, folder) => {
    const socket = join(folder, String(number));
    return new ServerProcess({ number, socket, fd: listener.fd, args: serverArgs(options), ended });
  });
  process.on('SIGHUP', () => supervisor.restart());
  console.log(`supervisor on epoll listens on ${formatSocketAddress(listener.localAddr())}`);
  if (!options.quiet) console.log(`Restart the server with: kill -HUP ${process.pid}`);

  await runLoop(poll, supervisor, { wait: 'async', stop }).finally(() => supervisor.close());
  listener.close();
  poll.close();
});

function serverArgs({ backend, wait, quiet }: Options): string[] {
  return ['--backend', backend, '--wait', wait, ...(quiet ? ['--quiet'] : [])];
}
