import type { DecisionPoint, Decisions } from '../choice/decisions.ts';
import type { Host } from '../host/host.ts';
import type { LinkNumbers } from './link-options.ts';

/** A packet that is overtaken arrives so many times the latency later. */
const OVERTAKEN = 3;
/** A delay is a multiple of this part of the jitter. */
const STEPS = 16;
const DECISIONS = ['lost', 'doubled', 'delayed', 'overtaken'] as const;

/** Whether packets pass a link: all, none, or none and the sender is told. */
export type Passage = 'open' | 'drop' | 'reject';

/** One direction between two hosts. */
export class Link {
  readonly from: Host;
  readonly to: Host;
  numbers: LinkNumbers;
  passage: Passage = 'open';
  held = false;
  readonly #decisions: Decisions;
  readonly #points = new Map<string, Readonly<Record<(typeof DECISIONS)[number], DecisionPoint>>>();
  /** Until when the sender's interface is busy with earlier packets. */
  #busyUntil = 0;
  #lastArrival = 0;
  #connections = 0;

  constructor(from: Host, to: Host, numbers: LinkNumbers, decisions: Decisions) {
    this.from = from;
    this.to = to;
    this.numbers = numbers;
    this.#decisions = decisions;
  }

  get name(): string {
    return `${this.from.name}→${this.to.name}`;
  }

  /** Names the next connection over this link. */
  nextConnection(): string {
    return `connection ${++this.#connections}`;
  }

  /**
   * Returns when the sender's interface has sent a packet of `size` bytes that is given to it at
   * `time`.
   */
  sent(time: number, size: number): number {
    const { rate } = this.numbers;
    if (rate === 0) return time;
    const start = Math.max(time, this.#busyUntil);
    this.#busyUntil = start + Math.ceil((size * 8e9) / rate);
    return this.#busyUntil;
  }

  /** Returns when a packet that has left at `left` arrives. */
  arrival(left: number, flow: string, ordinal: number): { time: number; overtaken: boolean } {
    const { latency, jitter, reorder } = this.numbers;
    const points = jitter === 0 && reorder === 0 ? undefined : this.#pointsOf(flow);
    const extra =
      jitter === 0 ? 0 : stepped(points?.delayed.choose(STEPS + 1, ordinal) ?? 0, jitter);
    if (reorder > 0 && points?.overtaken.chance(reorder, ordinal)) {
      return { time: left + latency * OVERTAKEN + extra, overtaken: true };
    }
    this.#lastArrival = Math.max(this.#lastArrival, left + latency + extra);
    return { time: this.#lastArrival, overtaken: false };
  }

  /** Decides whether a packet is lost. */
  loses(flow: string, ordinal: number): boolean {
    const { loss } = this.numbers;
    return loss > 0 && this.#pointsOf(flow).lost.chance(loss, ordinal);
  }

  /** Decides whether a packet arrives twice. */
  doubles(flow: string, ordinal: number): boolean {
    const { duplicate } = this.numbers;
    return duplicate > 0 && this.#pointsOf(flow).doubled.chance(duplicate, ordinal);
  }

  #pointsOf(flow: string): Readonly<Record<(typeof DECISIONS)[number], DecisionPoint>> {
    let points = this.#points.get(flow);
    if (points === undefined) {
      const made = DECISIONS.map((what) => [what, this.#decisions.point(`${flow}: ${what}?`)]);
      points = Object.fromEntries(made) as Record<(typeof DECISIONS)[number], DecisionPoint>;
      this.#points.set(flow, points);
    }
    return points;
  }
}

function stepped(step: number, jitter: number): number {
  return Math.floor((step * jitter) / STEPS);
}
