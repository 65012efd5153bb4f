import process from 'node:process';
import {
  type Backend,
  formatSocketAddress,
  type SocketAddress,
  type TcpBindOptions,
  type TcpListener,
  type UdpBindOptions,
  type UdpSocket,
} from '@evloop/core';
import { Loop } from '../loop/loop.ts';
import type { ServerLog } from '../server/server-options.ts';
import { chooseBackend } from './choose-backend.ts';
import {
  type CommandLine,
  type OwnOptions,
  type OwnValues,
  programName,
  readCommandLine,
  type Usage,
} from './command-line.ts';
import { Failure, reason } from './failure.ts';
import { outliveOutput } from './outlive-output.ts';

/** How long what was sent may take to leave after `main` has ended, in milliseconds. */
const FLUSH_MS = 500;

/** What {@link program} is told about a program. */
export interface Definition<Own extends OwnOptions> extends Usage<Own> {
  /** The backends that `--backend` may name, the best one first. */
  readonly backends: Readonly<Record<string, Backend>>;
  /** How long `--wait sync` blocks before Node's own loop turns, in milliseconds. Default: 100. */
  readonly sliceMs?: number;
  /** Whether the program goes on when nothing reads its output any more. Default: true. */
  readonly outlivesOutput?: boolean;
}

/**
 * Runs the program of a command line: reads its options, chooses the backend, makes the loop, calls
 * `main`, and ends the process soon after that.
 *
 * A {@link Failure} is one line on standard error, and exit code 1. Any other error is a fault of
 * the program, and shows its stack.
 *
 * Every program has `--backend`, `--host`, `--port`, `--wait`, `--cork`, `--quiet` and
 * `--help`.
 */
export async function program<Own extends OwnOptions>(
  definition: Definition<Own>,
  main: (program: Program<Own>) => Promise<void>,
): Promise<void> {
  if (definition.outlivesOutput ?? true) outliveOutput();
  try {
    const line = readCommandLine(definition);
    if (line === undefined) return;
    await main(new Program(definition, line));
  } catch (error) {
    if (!(error instanceof Failure)) throw error;
    process.stderr.write(`${programName()}: ${error.message}\n`);
    process.exitCode = 1;
  }
  // At a natural end, Node gives signals their default effect while it still frees things. npm
  // passes a signal on twice, and the second one would then kill the process.
  process.once('beforeExit', () => process.exit());
  // What a client does not read must not keep the process.
  setTimeout(() => process.exit(), FLUSH_MS).unref();
}

/** A program that runs: what its command line says. */
export class Program<Own extends OwnOptions> {
  /** The chosen backend. */
  readonly backend: Backend;
  /** A loop that waits as `--wait` and `--cork` say. */
  readonly loop: Loop;
  /** `--host` and `--port`. */
  readonly address: SocketAddress;
  /** Whether to print only what must be said. */
  readonly quiet: boolean;
  /** `--wait`. */
  readonly wait: 'async' | 'sync';
  /** `--cork`: the poll of the loop is corked. */
  readonly cork: boolean;
  /** The program's own options. */
  readonly own: OwnValues<Own>;
  /** Prints what happens to the connections of a server. */
  readonly log: ServerLog;

  /** {@link program} makes one. */
  constructor(definition: Definition<Own>, line: CommandLine<Own>) {
    this.address = line.address;
    this.quiet = line.quiet;
    this.wait = line.wait;
    this.cork = line.cork;
    this.own = line.own;
    this.backend = chooseBackend(definition.backends, line.backend, line.wait, line.cork);
    const { sliceMs } = definition;
    const poll = new this.backend.Poll({ cork: line.cork });
    this.loop = new Loop(this.backend, { blocking: line.wait === 'sync', sliceMs, poll });
    this.log = {
      cannotAccept: (error) => this.warn(`cannot accept a connection: ${reason(error)}; going on`),
      ...(this.quiet
        ? {}
        : {
            accepted: (name) => this.print(`Accepted connection from: ${name}`),
            closed: (name, error) =>
              this.print(`Connection closed: ${name}${error ? `: ${reason(error)}` : ''}`),
          }),
    };
  }

  /**
   * Listens, and prints where.
   *
   * @param backend the backend of the listener. Default: the chosen one.
   * @param address where to listen. Default: `--host` and `--port`.
   * @throws Failure: the system refuses, and why.
   */
  async listen(
    options?: TcpBindOptions,
    backend: Backend = this.backend,
    address: SocketAddress = this.address,
  ): Promise<TcpListener> {
    let listener: TcpListener;
    try {
      listener = await backend.TcpListener.bind(address, options);
    } catch (error) {
      throw new Failure(`cannot listen on ${formatSocketAddress(address)}: ${reason(error)}`);
    }
    this.listensOn(formatSocketAddress(listener.localAddr()), backend);
    return listener;
  }

  /**
   * Binds a UDP socket to `address` and prints it.
   *
   * @throws Failure: the system refuses, and why.
   */
  async bindUdp(options?: UdpBindOptions): Promise<UdpSocket> {
    let socket: UdpSocket;
    try {
      socket = await this.backend.UdpSocket.bind(this.address, options);
    } catch (error) {
      throw new Failure(`cannot bind to ${formatSocketAddress(this.address)}: ${reason(error)}`);
    }
    this.listensOn(formatSocketAddress(socket.localAddr()));
    return socket;
  }

  /** Prints where the program listens. */
  listensOn(place: string, backend: Backend = this.backend): void {
    // A supervisor may end the program as soon as it reads this, before it handles signals.
    for (const signal of ['SIGINT', 'SIGTERM'] as const) {
      process.on(signal, () => {
        if (process.listenerCount(signal) === 1) process.exit();
      });
    }
    this.print(`${programName()} on ${backend.name} listens on ${place}`);
  }

  /** Prints lines, unless the program is to be quiet. */
  hint(...lines: string[]): void {
    if (!this.quiet) this.print(lines.join('\n'));
  }

  /** Prints a line. */
  print(line: string): void {
    process.stdout.write(`${line}\n`);
  }

  /** Prints a line on standard error. */
  warn(line: string): void {
    process.stderr.write(`${line}\n`);
  }
}
