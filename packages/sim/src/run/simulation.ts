import { Checks } from '../check/checks.ts';
import { type Choice, Decisions } from '../choice/decisions.ts';
import { type PumpEnd, pump } from '../clock/pump.ts';
import { Scheduler } from '../clock/scheduler.ts';
import type { FaultPlan } from '../faults/fault-plan.ts';
import type { Nemesis } from '../faults/nemesis.ts';
import type { Host } from '../host/host.ts';
import { Network } from '../network/network.ts';
import { TCP_DEFAULTS, type TcpNumbers } from '../tcp/tcp-numbers.ts';
import { Trace } from '../trace/trace.ts';
import { foreignWork } from '../virtual/foreign-work.ts';
import { Failure } from './failure.ts';
import type { Quirks, RunOptions } from './run-options.ts';

/** One run: one seed, one virtual time, one network. */
export class Simulation {
  readonly seed: number;
  readonly decisions: Decisions;
  readonly scheduler: Scheduler;
  readonly network: Network;
  readonly trace: Trace;
  readonly checks: Checks;
  readonly tcpNumbers: TcpNumbers;
  quirks: Quirks;
  /** The wall clock at the start, in milliseconds since 1970. */
  readonly epoch: number;
  /** When the run ends at the latest, in nanoseconds. */
  readonly until: number;
  /** Code of a program may have run since the pump looked last. */
  ran = true;
  failure: Failure | undefined;
  /** What no program may rely on is another way round: the order of directories. */
  perturbed = false;
  readonly coverage: Set<string> = new Set();
  /** How many hosts were made together, by name, and how many may be: a shrunk run has fewer. */
  readonly groups: Map<string, number> = new Map();
  mostHosts: Readonly<Record<string, number>> = {};
  #nemesis: Nemesis | undefined;
  #sources = 0;

  constructor(seed: number, options: RunOptions, choices?: readonly Choice[], traceAll = false) {
    this.seed = seed;
    this.decisions = new Decisions(seed, choices);
    this.quirks = options.quirks;
    this.scheduler = new Scheduler(this.decisions);
    this.trace = new Trace(this.scheduler, traceAll);
    this.network = new Network(this, options.network);
    this.checks = new Checks(this);
    this.tcpNumbers = { ...TCP_DEFAULTS, ...options.tcp };
    this.epoch = options.epoch;
    this.until = options.until;
  }

  /** Applies the faults that this run has. */
  applyFaults(faults: FaultPlan, nemesis: Nemesis): void {
    const { loss, duplicate, reorder, jitter } = faults;
    this.#nemesis = nemesis;
    this.network.faults = { loss, duplicate, reorder, jitter };
    const { quirks } = this;
    this.quirks = {
      shortTransfers: Math.max(quirks.shortTransfers, faults.shortTransfers ?? 0),
      spurious: Math.max(quirks.spurious, faults.spurious ?? 0),
      order: quirks.order || faults.order === true,
    };
    if (this.quirks.order) this.scheduler.shuffle();
  }

  /** Whether faults may still come. */
  get faultsToCome(): boolean {
    return !this.decisions.healed && this.#nemesis?.active === true;
  }

  /** Ends all faults, for good. */
  heal(): void {
    this.decisions.heal();
    this.#nemesis?.heal();
    this.network.heal();
    for (const host of this.network.hosts) {
      host.resume();
      if (host.process?.alive !== true) host.restart();
    }
  }

  /**
   * Whether packets for `address` leave a host: the simulated networks are 10.0.0.0/8 and fd00::/8.
   */
  routes(address: string): boolean {
    return address.startsWith('10.') || /^f[de]/i.test(address);
  }

  /** The number of the next source, for traces. */
  nextSerial(): number {
    return ++this.#sources;
  }

  /**
   * Lets time pass until `until`, or until nothing is left to happen. @throws the failure of the
   * run.
   */
  async advance(
    until: number,
    stop: () => boolean = () => false,
    weakToo = false,
  ): Promise<PumpEnd> {
    const guard = {
      ran: () => {
        const { ran } = this;
        this.ran = false;
        return ran;
      },
      check: () => {
        this.checks.evaluate();
        return this.failure !== undefined || stop();
      },
      foreign: () => foreignWork(this),
    };
    const end = await pump(this.scheduler, guard, Math.min(until, this.until), weakToo);
    if (this.failure !== undefined) throw this.failure;
    return end;
  }

  /** The program of a host has failed. */
  programFailed(host: Host, error: unknown): void {
    const text = error instanceof Error ? error.message : String(error);
    this.fail(new Failure('program', `the program of host ${host.name} failed: ${text}`, error));
  }

  /** Ends the run with a failure, unless it has one. */
  fail(failure: Failure): void {
    this.failure ??= failure;
  }

  /** Ends everything. Nothing of a run survives it. */
  close(): void {
    for (const host of this.network.hosts) host.process?.kill();
  }
}
