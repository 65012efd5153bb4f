import type { Backend } from '@evloop/core';
import { type Like, supportsLike } from '../backend/like.ts';
import { type Duration, toNanoseconds } from '../clock/time.ts';
import type { Interfaces } from '../network/interfaces.ts';
import type { Simulation } from '../run/simulation.ts';
import { UnixNames } from '../unix/unix-names.ts';
import { Kernel } from './kernel.ts';
import { Process } from './process.ts';

/** Options of a host. */
export interface HostOptions {
  /** Its IPv4 address. The simulator chooses one from 10.0.0.0/8 where it is left out. */
  readonly ip?: string | undefined;
  /** Its IPv6 address. It has none but `::1` where it is left out. */
  readonly ip6?: string | undefined;
  /** The limit of descriptors: an integer from 1; 1024 where it is left out. */
  readonly files?: number | undefined;
  /**
   * The backend that the program is shipped with. What that one does not support is not supported
   * here either; everything is where it is left out.
   */
  readonly like?: Like | undefined;
  /** How far its wall clock is ahead; negative: behind. Milliseconds. */
  readonly skew?: number | undefined;
  /** How much too fast its clocks are, in parts per million; negative: too slow. */
  readonly drift?: number | undefined;
  /** What a poll costs in virtual processor time; 1 µs where it is left out. */
  readonly pollCost?: Duration | undefined;
  /** What an operation costs in virtual processor time; 0.3 µs where it is left out. */
  readonly operationCost?: Duration | undefined;
}

/** What the program of a host is given. */
export interface HostContext {
  /** The backend of this host. */
  readonly backend: Backend;
  /** The host's name. */
  readonly name: string;
  /** Its IPv4 address. */
  readonly ip: string;
  /** Its number among those that `sim.hosts` made together, from 0. */
  readonly index: number;
  /** How often the program was started, this time included. */
  readonly incarnation: number;
  /** Removes the file of a Unix socket from the host's disk. Returns whether there was one. */
  readonly unlink: (path: string) => boolean;
  /** Its clocks, for runtimes on which the global ones are not virtual. */
  readonly clock: Process['clock'];
  /** Its random numbers, likewise. */
  readonly random: Process['random'];
  /** Its timers, likewise. */
  readonly timers: Process['timers'];
}

/** The program of a host. */
export type Program = (context: HostContext) => unknown;

/** A simulated machine. */
export class Host {
  readonly simulation: Simulation;
  readonly name: string;
  /** The number of this host in the simulation. */
  readonly number: number;
  readonly index: number;
  readonly interfaces: Interfaces;
  readonly files: number;
  readonly like: Like | undefined;
  readonly pollCost: number;
  readonly operationCost: number;
  readonly makeBackend: (process: Process) => Backend;
  readonly #program: Program;
  driftPpm: number;
  /** How far the wall clock is ahead, in nanoseconds. */
  skew: number;
  kernel: Kernel;
  /** The names of Unix sockets: what is on the disk survives crashes and power cuts. */
  readonly names = new UnixNames();
  process: Process | undefined;
  /** The machine has power. */
  on = true;
  paused = false;
  #starts = 0;
  #whenResumed: (() => void)[] = [];

  constructor(
    simulation: Simulation,
    name: string,
    program: Program,
    options: HostOptions,
    parts: {
      readonly number: number;
      readonly index: number;
      readonly interfaces: Interfaces;
      readonly makeBackend: (process: Process) => Backend;
    },
  ) {
    this.simulation = simulation;
    this.name = name;
    this.#program = program;
    this.number = parts.number;
    this.index = parts.index;
    this.interfaces = parts.interfaces;
    this.makeBackend = parts.makeBackend;
    this.files = options.files ?? 1024;
    if (!Number.isInteger(this.files) || this.files < 1) {
      throw new RangeError(`invalid files: ${String(options.files)} (expected an integer from 1)`);
    }
    this.like = options.like;
    supportsLike(this.like);
    this.driftPpm = Math.trunc(options.drift ?? 0);
    this.skew = Math.trunc((options.skew ?? 0) * 1e6);
    this.pollCost = toNanoseconds(options.pollCost ?? '1us', 'pollCost');
    this.operationCost = toNanoseconds(options.operationCost ?? '300ns', 'operationCost');
    this.kernel = new Kernel(this);
  }

  /** The backend of the process that runs. @throws Error: the program is not running. */
  get backend(): Backend {
    if (this.process?.alive !== true) throw new Error(`host ${this.name} runs no program`);
    return this.process.backend;
  }

  /** What the process that was started last has printed: the end of it. */
  get output(): { readonly stdout: string; readonly stderr: string } {
    const own = this.process?.own;
    return { stdout: own?.stdout.text ?? '', stderr: own?.stderr.text ?? '' };
  }

  /** Starts the program. */
  start(): void {
    const process = new Process(this, ++this.#starts);
    this.process = process;
    const context: HostContext = {
      backend: process.backend,
      name: this.name,
      ip: this.interfaces.ipv4,
      index: this.index,
      incarnation: process.incarnation,
      unlink: (path) => this.names.unlink(path),
      clock: process.clock,
      random: process.random,
      timers: process.timers,
    };
    process.schedule(0, () => {
      const settled = (): void => {
        process.done = true;
      };
      const failed = (error: unknown): void => {
        process.done = true;
        if (process.alive) this.simulation.programFailed(this, error);
      };
      try {
        Promise.resolve(this.#program(context)).then(settled, failed);
      } catch (error) {
        failed(error);
      }
    });
  }

  /** Kills the process, as SIGKILL does: the kernel closes its sockets. */
  crash(): void {
    this.process?.kill();
  }

  /** Cuts the power: nothing is sent any more, and the kernel forgets all connections. */
  powerOff(): void {
    this.on = false;
    this.kernel.powerOff();
    this.process?.kill();
    this.kernel = new Kernel(this);
  }

  /** Starts the machine where need be, and the program anew. */
  restart(): void {
    this.on = true;
    this.resume();
    this.process?.kill();
    this.start();
  }

  /** Stops the process, as SIGSTOP does. The kernel goes on. */
  pause(): void {
    this.paused = true;
  }

  /** Lets a paused process go on. */
  resume(): void {
    if (!this.paused) return;
    this.paused = false;
    const waiting = this.#whenResumed;
    this.#whenResumed = [];
    for (const run of waiting) this.simulation.scheduler.at(0, run);
  }

  /** Calls `run` when the process goes on. */
  whenResumed(run: () => void): void {
    this.#whenResumed.push(run);
  }
}
