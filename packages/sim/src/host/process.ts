import {
  type Backend,
  type Poll,
  type Readiness,
  Ready,
  type Registry,
  type Supports,
  type WouldBlock,
} from '@evloop/core';
import { supportsLike } from '../backend/like.ts';
import type { ScheduledEvent } from '../clock/event-heap.ts';
import type { Simulation } from '../run/simulation.ts';
import type { TracedSource } from '../trace/trace.ts';
import { current } from './current.ts';
import { Descriptors } from './descriptors.ts';
import type { Host } from './host.ts';
import { HostClock } from './host-clock.ts';
import { HostRandom } from './host-random.ts';
import { HostTimers } from './host-timers.ts';
import { VirtualProcess } from './virtual-process.ts';

/** So many would-blocks without a wait are a busy loop that never ends. */
const MOST_WOULD_BLOCKS = 10_000;

/** What is the process's, and ends with it. */
export interface Closable {
  /** Ends it as the kernel does when the process ends. */
  kill(): void;
}

/** One run of a host's program, from its start to its end or its crash. */
export class Process {
  readonly host: Host;
  readonly simulation: Simulation;
  /** Counts the runs of this host's program, from 1. */
  readonly incarnation: number;
  readonly clock: HostClock;
  readonly random: HostRandom;
  readonly timers: HostTimers;
  readonly descriptors: Descriptors;
  /** What the kernel closes when the process ends. */
  readonly open: Set<Closable> = new Set();
  /** The waits that go on. */
  readonly waiting: Set<object> = new Set();
  /** Its open polls, for reports. */
  readonly polls: Set<Poll> = new Set();
  /** What is done when the process ends, beside closing what it has open. */
  readonly atEnd: (() => void)[] = [];
  alive = true;
  /** Set when the program's promise settled. */
  done = false;
  /** Until when the virtual processor is busy. */
  busyUntil = 0;
  #backend: Backend | undefined;
  #own: VirtualProcess | undefined;
  #wouldBlocks = 0;
  #polls = 0;

  constructor(host: Host, incarnation: number) {
    this.host = host;
    this.simulation = host.simulation;
    this.incarnation = incarnation;
    this.clock = new HostClock(this);
    this.random = new HostRandom(this);
    this.timers = new HostTimers(this);
    this.descriptors = new Descriptors(host.files);
  }

  /** What its backend can do. */
  get supports(): Supports {
    return supportsLike(this.host.like);
  }

  get backend(): Backend {
    this.#backend ??= this.host.makeBackend(this);
    return this.#backend;
  }

  /** What `process` is to its code. */
  get own(): VirtualProcess {
    this.#own ??= new VirtualProcess();
    return this.#own;
  }

  /** The present of this process: the network's, or later when its processor is busy. */
  get now(): number {
    return Math.max(this.simulation.scheduler.now, this.busyUntil);
  }

  /** Runs code of the program, as an event of the simulation. */
  enter(run: () => void): void {
    if (!this.alive) return;
    this.#wouldBlocks = 0;
    this.simulation.ran = true;
    current.run(this, run);
  }

  /**
   * Schedules code of the program in `delay` nanoseconds from now. While the host is paused it
   * waits until the host goes on.
   */
  schedule(delay: number, run: () => void, weak = false): ScheduledEvent {
    const fire = (): void => {
      if (!this.alive) return;
      if (this.host.paused) this.host.whenResumed(() => this.enter(run));
      else this.enter(run);
    };
    return this.simulation.scheduler.at(this.now + delay, fire, weak);
  }

  /** Charges virtual processor time, in nanoseconds. */
  charge(cost: number): void {
    this.busyUntil = this.now + cost;
  }

  /**
   * Counts an operation that answered would-block. @throws Error: the program loops without
   * waiting.
   */
  wouldBlock(): void {
    if (++this.#wouldBlocks < MOST_WOULD_BLOCKS) return;
    this.#wouldBlocks = 0;
    throw new Error(
      `the program of host ${this.host.name} had ${MOST_WOULD_BLOCKS} would-blocks without a wait: ` +
        'poll for the next event instead of trying again',
    );
  }

  /** Counts an operation of the program, charges its cost, and traces it. Returns `result`. */
  operation<Result extends number | WouldBlock>(
    source: TracedSource,
    name: string,
    result: Result,
  ): Result {
    this.charge(this.host.operationCost);
    this.simulation.trace.operation(this.host, source, name, result);
    return result;
  }

  /**
   * Shortens a read or a write, where the simulation is to do so.
   *
   * @param key names the stream and the direction. @param at the offset in it.
   */
  shorten(key: string, at: number, bytes: Uint8Array, size: number = bytes.length): Uint8Array {
    const { shortTransfers } = this.simulation.quirks;
    const whole = Math.min(bytes.length, size);
    if (shortTransfers === 0 || whole < 2) return bytes;
    const kind = this.simulation.decisions.point(key).pick(shortTransfers, 3, at);
    if (kind === 0) return bytes;
    return bytes.subarray(0, kind === 1 ? whole - 1 : kind === 2 ? whole >> 1 : 1);
  }

  /** Reports readiness that is not there, where the simulation is to do so. */
  reportFalsely(registry: Registry): void {
    const { decisions, quirks } = this.simulation;
    const registered = [...this.open].flatMap((thing) => {
      const { readiness } = thing as { readiness?: Readiness };
      return readiness?.registry === registry ? [readiness] : [];
    });
    if (registered.length === 0) return;
    const point = decisions.point(`${this.host.name} polls: false report?`);
    const which = point.pick(quirks.spurious, registered.length, this.#polls++);
    registered[which - 1]?.pulse(Ready.READABLE | Ready.WRITABLE);
  }

  /** Its code sends it a signal. One without a listener ends it. */
  signal(name: string): void {
    if (!this.alive || this.own.events.emit(name)) return;
    this.kill();
  }

  /** Ends the process, as `process.exit` does. An exit code other than 0 fails the run. */
  exit(code: number | string | null | undefined = this.own.exitCode): void {
    if (!this.alive) return;
    this.done = true;
    this.own.events.emit('exit', code ?? 0);
    this.kill();
    if (Number(code ?? 0) === 0) return;
    const said = this.own.stderr.text.trim().split('\n').at(-1) ?? '';
    this.simulation.programFailed(this.host, new Error(`exit code ${code}: ${said}`));
  }

  /** Its main module has ended. It ends when nothing can wake it. */
  idle(): void {
    if (this.#mayWake) return;
    this.own.events.emit('beforeExit', this.own.exitCode ?? 0);
    if (!this.#mayWake) this.exit();
  }

  get #mayWake(): boolean {
    return this.waiting.size > 0 || this.timers.referenced > 0;
  }

  /** Ends the process: its sockets are closed, and its timers and polls never come back. */
  kill(): void {
    if (!this.alive) return;
    // While it is alive: sockets look at it to know whether they may still send.
    for (const thing of [...this.open]) thing.kill();
    for (const end of this.atEnd.splice(0)) end();
    this.open.clear();
    this.waiting.clear();
    this.alive = false;
  }

  /** @throws Error: the process was killed, and so its code must not act. */
  checkAlive(): void {
    if (this.alive) return;
    throw new Error(`the process of host ${this.host.name} was killed: its code must not act`);
  }
}
