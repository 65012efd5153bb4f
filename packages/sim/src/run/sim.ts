import { makeBackend } from '../backend/backend.ts';
import { describeWaits, findDeadlock } from '../check/deadlock.ts';
import { type Duration, toNanoseconds } from '../clock/time.ts';
import { Host, type HostOptions, type Program } from '../host/host.ts';
import type { Link } from '../network/link.ts';
import type { LinkOptions } from '../network/link-options.ts';
import { namePattern, type Rule } from '../network/network.ts';
import { Failure } from './failure.ts';
import type { Simulation } from './simulation.ts';

/** A host, the name of one, or a pattern of names: `'c*'`. */
export type HostName = Host | string | readonly Host[];

/** Which way a partition cuts, seen from the first set of hosts. */
export type Direction = 'both' | 'out' | 'in';

/**
 * What a partition does with packets: drops them, or refuses them so that the sender learns of it.
 */
export type PartitionKind = 'drop' | 'reject';

/** The simulation as its author sees it. */
export class Sim {
  readonly #simulation: Simulation;

  constructor(simulation: Simulation) {
    this.#simulation = simulation;
  }

  /** The seed of this run. */
  get seed(): number {
    return this.#simulation.seed;
  }

  /** The present, in milliseconds since the start. */
  get now(): number {
    return this.#simulation.scheduler.now / 1e6;
  }

  /** Adds a host, and starts its program when time goes on. */
  host(name: string, program: Program): Host;
  host(name: string, options: HostOptions, program: Program): Host;
  host(name: string, options: HostOptions | Program, program?: Program): Host {
    if (typeof options === 'function') return this.#add(name, {}, options, 0);
    return this.#add(name, options, program as Program, 0);
  }

  /** Adds `count` hosts that run the same program: `name0`, `name1` … */
  hosts(name: string, count: number, program: Program): Host[];
  hosts(name: string, count: number, options: HostOptions, program: Program): Host[];
  hosts(name: string, count: number, options: HostOptions | Program, program?: Program): Host[] {
    const given = typeof options === 'function' ? {} : options;
    const run = typeof options === 'function' ? options : (program as Program);
    const { groups, mostHosts } = this.#simulation;
    const length = Math.min(count, mostHosts[name] ?? count);
    groups.set(name, length);
    return Array.from({ length }, (_, i) => this.#add(`${name}${i}`, given, run, i));
  }

  /** Sets what the links between two sets of hosts do, in both directions. */
  link(a: HostName, b: HostName, options: LinkOptions): void {
    this.#simulation.network.configure(patternOf(a), patternOf(b), options);
  }

  /**
   * `holds` must never return false, nor throw. It is asked after each event in which a program
   * ran.
   */
  always(name: string, holds: () => unknown): void {
    this.#simulation.checks.always(name, holds);
  }

  /** `holds` must be true at some time in at least one run of the campaign. */
  sometimes(name: string, holds: () => unknown): void {
    this.#simulation.checks.sometimes(name, holds);
  }

  /**
   * Says that this place was reached. `expectReachable` makes it an expectation of the campaign.
   */
  reachable(name: string): void {
    this.#simulation.checks.reach(name);
  }

  /** Expects that `reachable(name)` is called in at least one run of the campaign. */
  expectReachable(name: string): void {
    const { seen } = this.#simulation.checks;
    seen.set(name, seen.get(name) ?? false);
  }

  /**
   * Lets time pass: `duration`, or until `until` of the options where it is left out. Ends early
   * when nothing is left to happen, or every program has ended.
   *
   * @throws the failure of the run: a broken invariant, a program that threw, a deadlock.
   */
  async run(duration?: Duration): Promise<void> {
    const simulation = this.#simulation;
    const { now } = simulation.scheduler;
    const until = duration === undefined ? Infinity : now + toNanoseconds(duration);
    const done = (): boolean => duration === undefined && this.#allDone();
    let end = await simulation.advance(until, done);
    // A program that waits for nothing but faults is met by them all the same.
    while (end === 'idle') {
      this.#checkDeadlock();
      if (!simulation.faultsToCome) return;
      end = await simulation.advance(until, done, true);
    }
  }

  /** Ends all faults: links, partitions, pauses and crashes. */
  heal(): void {
    this.#simulation.heal();
  }

  /**
   * Lets time pass until `holds` returns true.
   *
   * @throws a failure when `duration` has passed, or nothing is left to happen.
   */
  async eventually(name: string, holds: () => unknown, duration: Duration = '30s'): Promise<void> {
    const simulation = this.#simulation;
    const until = simulation.scheduler.now + toNanoseconds(duration);
    const holding = (): boolean => holds() === true;
    if (holding()) return;
    const end = await simulation.advance(until, holding);
    if (holding()) return;
    const why = end === 'idle' ? 'nothing is left to happen' : `${String(duration)} have passed`;
    const waits = describeWaits(simulation);
    throw new Failure('eventually', `never true: ${name} (${why})${waits}`);
  }

  /** Cuts the links between two sets of hosts. Returns a function that heals them. */
  partition(
    a: HostName,
    b: HostName,
    kind: PartitionKind = 'drop',
    direction: Direction = 'both',
  ): () => void {
    const links = this.#links(a, b, direction);
    for (const link of links) link.passage = kind;
    this.#note(`partition (${kind})`);
    return () => {
      for (const link of links) link.passage = 'open';
      this.#note('partition healed');
    };
  }

  /** Holds back what arrives. Returns a function that delivers it. */
  hold(a: HostName, b: HostName, direction: Direction = 'both'): () => void {
    const links = this.#links(a, b, direction);
    for (const link of links) link.held = true;
    return () => {
      for (const link of links) link.held = false;
      this.#simulation.network.release();
    };
  }

  /**
   * Looks at each packet that arrives, and may drop or refuse it. Returns a function that removes
   * the rule.
   */
  rule(rule: Rule): () => void {
    const { rules } = this.#simulation.network;
    rules.add(rule);
    return () => rules.delete(rule);
  }

  /** Kills the program of a host, as SIGKILL does. The kernel closes its sockets. */
  crash(host: HostName): void {
    for (const each of this.#find(host)) {
      this.#note(`crash`, each);
      each.crash();
    }
  }

  /** Sends a signal to the program of a host: `'SIGTERM'`. One without a listener ends it. */
  signal(host: HostName, signal: string): void {
    for (const each of this.#find(host)) {
      this.#note(signal, each);
      each.process?.schedule(0, () => each.process?.signal(signal));
    }
  }

  /** Cuts the power of a host: silence, and resets after its restart. */
  powerOff(host: HostName): void {
    for (const each of this.#find(host)) {
      this.#note('power off', each);
      each.powerOff();
    }
  }

  /** Starts a host's program anew, and the host where it is off. */
  restart(host: HostName): void {
    for (const each of this.#find(host)) {
      this.#note('restart', each);
      each.restart();
    }
  }

  /** Stops the program of a host, as SIGSTOP does. Its kernel goes on. */
  pause(host: HostName): void {
    for (const each of this.#find(host)) each.pause();
  }

  /** Lets a paused program go on. */
  resume(host: HostName): void {
    for (const each of this.#find(host)) each.resume();
  }

  /**
   * Sets how far a host's wall clock is ahead (milliseconds), and how much too fast its clocks are.
   */
  skew(host: HostName, milliseconds: number, partsPerMillion = 0): void {
    for (const each of this.#find(host)) {
      each.skew = Math.trunc(milliseconds * 1e6);
      each.driftPpm = Math.trunc(partsPerMillion);
    }
  }

  /** Calls `act` after `delay`, outside of all hosts. */
  after(delay: Duration, act: () => void): void {
    const { scheduler } = this.#simulation;
    scheduler.at(scheduler.now + toNanoseconds(delay), act);
  }

  #add(name: string, options: HostOptions, program: Program, index: number): Host {
    const { network } = this.#simulation;
    if (!/^[\w.-]+$/.test(name) || network.hosts.some((host) => host.name === name)) {
      throw new Error(`invalid host name: '${name}' (expected letters, digits, '.', '-', unique)`);
    }
    const interfaces = { ipv4: options.ip ?? network.freeAddress(), ipv6: options.ip6 };
    const number = network.hosts.length;
    const parts = { number, index, interfaces, makeBackend };
    const host = new Host(this.#simulation, name, program, options, parts);
    network.add(host);
    host.start();
    return host;
  }

  #allDone(): boolean {
    return this.#simulation.network.hosts.every(({ process }) => process?.done === true);
  }

  #checkDeadlock(): void {
    const deadlock = findDeadlock(this.#simulation);
    if (deadlock !== undefined) throw deadlock;
  }

  #find(name: HostName): Host[] {
    const pattern = patternOf(name);
    const found = this.#simulation.network.hosts.filter((host) => pattern.test(host.name));
    if (found.length === 0) throw new Error(`no host matches ${String(name)}`);
    return found;
  }

  #links(a: HostName, b: HostName, direction: Direction): Link[] {
    const { network } = this.#simulation;
    const links: Link[] = [];
    for (const from of this.#find(a)) {
      for (const to of this.#find(b)) {
        if (from === to) continue;
        if (direction !== 'in') links.push(network.link(from, to));
        if (direction !== 'out') links.push(network.link(to, from));
      }
    }
    return links;
  }

  #note(text: string, host?: Host): void {
    this.#simulation.trace.note(host, text);
  }
}

function patternOf(name: HostName): RegExp {
  if (typeof name === 'string') return namePattern(name);
  const names = 'name' in name ? [name.name] : name.map((host) => host.name);
  return new RegExp(`^(?:${names.map((each) => each.replaceAll('.', '\\.')).join('|')})$`);
}
