import { HASH_RANGE, hashText } from '../choice/hash.ts';
import { toNanoseconds } from '../clock/time.ts';
import type { Host } from '../host/host.ts';
import { namePattern } from '../network/network.ts';
import type { Simulation } from '../run/simulation.ts';
import type { FaultPlan } from './fault-plan.ts';

const WHEN = hashText('when a fault comes');

/** What happens to a host or a link. */
type Act = 'crash' | 'powerOff' | 'pause' | 'partition' | 'skew';
const ACTS: readonly Act[] = ['crash', 'powerOff', 'pause', 'partition', 'skew'];
/** How likely it is that something happens when it may. */
const LIKELY = 0.5;
/** A fault lasts one of so many lengths. */
const LENGTHS = 8;
const HOUR = 3600e9;

/**
 * The families of a plan that a seed turns on. A run that follows a list of choices has them all:
 * what happens is in the list.
 */
export function enabledFaults(plan: FaultPlan, simulation: Simulation): FaultPlan {
  const off = plan.off ?? 0;
  if (off === 0 || simulation.decisions.listed) return plan;
  const enabled = Object.entries(plan).filter(([name]) => {
    if (name === 'every' || name === 'lasting') return true;
    const hash = simulation.decisions.number(hashText(`family ${name}`), 0);
    return hash >= off * HASH_RANGE;
  });
  return Object.fromEntries(enabled);
}

/** Does to hosts and links what a plan says, at times and in ways that follow from the seed. */
export class Nemesis {
  readonly #simulation: Simulation;
  readonly #plan: FaultPlan;
  readonly #every: number;
  readonly #lasting: number;
  /** Whether it does anything at all. */
  readonly active: boolean;
  #count = 0;
  /** What ends the faults that last: the latest last. */
  readonly #undo: (() => void)[] = [];

  constructor(simulation: Simulation, plan: FaultPlan) {
    this.#simulation = simulation;
    this.#plan = plan;
    this.#every = toNanoseconds(plan.every ?? '2s', 'every');
    this.#lasting = toNanoseconds(plan.lasting ?? '5s', 'lasting');
    this.active = ACTS.some((act) => plan[act] !== undefined);
    if (this.active) this.#next();
  }

  /** Ends all faults that last, the latest first. */
  heal(): void {
    for (const undo of this.#undo.splice(0).reverse()) undo();
  }

  #next(): void {
    const { scheduler, decisions } = this.#simulation;
    const slot = this.#count++;
    const offset = decisions.number(WHEN, slot) % this.#every;
    // The faults alone keep no simulation going.
    scheduler.at(slot * this.#every + offset, () => this.#strike(slot), true);
  }

  #strike(slot: number): void {
    const { decisions } = this.#simulation;
    if (decisions.healed) return;
    const kind = decisions.point('fault').pick(LIKELY, ACTS.length, slot);
    const act = ACTS[kind - 1];
    if (act === 'partition') this.#partition(slot);
    else if (act !== undefined) this.#hit(act, slot);
    this.#next();
  }

  #hit(act: Exclude<Act, 'partition'>, slot: number): void {
    const victims = this.#hosts(this.#plan[act] ?? []);
    if (victims.length === 0) return;
    const host =
      victims[this.#simulation.decisions.point('which host').choose(victims.length, slot)];
    if (host === undefined) return;
    this.#note(act, host);
    if (act === 'skew') {
      host.skew += (slot % 2 === 0 ? 1 : -1) * (HOUR / (1 + (slot % 5)));
      return;
    }
    if (act === 'pause') host.pause();
    else if (act === 'crash') host.crash();
    else host.powerOff();
    this.#endLater(slot, () => {
      if (act === 'pause') host.resume();
      else if (host.process?.alive !== true) {
        this.#note('restart', host);
        host.restart();
      }
    });
  }

  #partition(slot: number): void {
    const { decisions, network } = this.#simulation;
    const pairs = (this.#plan.partition ?? []).flatMap(([a, b]) =>
      this.#hosts([a]).flatMap((from) =>
        this.#hosts([b]).flatMap((to) => (from === to ? [] : [[from, to] as const])),
      ),
    );
    if (pairs.length === 0) return;
    const pair = pairs[decisions.point('which link').choose(pairs.length, slot)];
    if (pair === undefined) return;
    const [from, to] = pair;
    const way = decisions.point('which way').choose(3, slot);
    const kind = decisions.point('how').choose(2, slot) === 0 ? 'drop' : 'reject';
    const links = [network.link(from, to), network.link(to, from)];
    const cut = way === 0 ? links : links.slice(way - 1, way);
    for (const link of cut) link.passage = kind;
    this.#note(`partition from ${to.name} (${kind})`, from);
    this.#endLater(slot, () => {
      for (const link of cut) link.passage = 'open';
      this.#note(`partition from ${to.name} ends`, from);
    });
  }

  #endLater(slot: number, undo: () => void): void {
    const { decisions, scheduler } = this.#simulation;
    const length = 1 + decisions.point('how long').choose(LENGTHS, slot);
    this.#undo.push(undo);
    scheduler.at(scheduler.now + Math.floor((this.#lasting * length) / LENGTHS), () => {
      const at = this.#undo.indexOf(undo);
      if (at < 0) return;
      this.#undo.splice(at, 1);
      undo();
    });
  }

  #hosts(patterns: readonly string[]): Host[] {
    const all = this.#simulation.network.hosts;
    return all.filter(({ name }) => patterns.some((pattern) => namePattern(pattern).test(name)));
  }

  #note(what: string, host: Host): void {
    this.#simulation.trace.note(host, what);
  }
}
