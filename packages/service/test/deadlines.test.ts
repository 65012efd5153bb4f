import { expect, it } from 'vitest';
import { type Deadline, Deadlines } from '../src/index.ts';
import { randomOf } from './random.ts';
import { VirtualClock } from './virtual-clock.ts';

/** The quantum that the documentation of `Deadlines` states, in milliseconds. */
const NEAR_MS = 1;
const FAR_MS = 128;

/** Moves the clock from one timeout to the next, until `end`. */
function runUntil(clock: VirtualClock, deadlines: Deadlines, end: number): void {
  for (;;) {
    const timeout = deadlines.nextTimeout();
    if (timeout === null || clock.time + timeout > end) break;
    clock.time += timeout;
    deadlines.expire();
  }
  clock.time = end;
  deadlines.expire();
}

it('calls back after the time, in the order of the times', () => {
  const clock = new VirtualClock(5);
  const deadlines = new Deadlines(clock);
  const fired: [string, number][] = [];
  const note = (name: string) => () => fired.push([name, clock.time]);
  deadlines.in(30, note('30'));
  deadlines.in(10, note('10'));
  deadlines.at(20, note('at 20'));
  deadlines.in(5000, note('5000'));
  expect(deadlines.size).toBe(4);
  runUntil(clock, deadlines, 10_000);
  expect(fired.slice(0, 3)).toEqual([
    ['10', 15],
    ['at 20', 20],
    ['30', 35],
  ]);
  expect(fired[3]?.[0]).toBe('5000');
  expect(fired[3]?.[1]).toBeGreaterThanOrEqual(5005);
  expect(fired[3]?.[1]).toBeLessThanOrEqual(5005 + FAR_MS);
  expect([deadlines.size, deadlines.nextTimeout()]).toEqual([0, null]);
});

it('touch moves a deadline later or earlier, and sets it again when it has expired', () => {
  const clock = new VirtualClock();
  const deadlines = new Deadlines(clock);
  const fired: number[] = [];
  const deadline = deadlines.in(100, () => fired.push(clock.time));
  clock.time = 90;
  deadline.touch(100);
  runUntil(clock, deadlines, 189);
  expect(fired).toEqual([]);
  runUntil(clock, deadlines, 300);
  expect(fired).toEqual([190]);
  expect(deadline.pending).toBe(false);
  deadline.touch(60_000);
  deadline.touch(50);
  expect(deadline.pending).toBe(true);
  runUntil(clock, deadlines, 1000);
  expect(fired).toEqual([190, 350]);
  deadline.cancel();
  deadline.touch(10);
  expect(deadline.pending).toBe(false);
  runUntil(clock, deadlines, 2000);
  expect(fired).toHaveLength(2);
});

it('never expires after Infinity, and can be set after it', () => {
  const clock = new VirtualClock();
  const deadlines = new Deadlines(clock);
  let fired = 0;
  const deadline = deadlines.in(Infinity, () => fired++);
  expect(deadlines.nextTimeout()).toBe(null);
  deadline.touch(10);
  deadline.touch(Infinity);
  runUntil(clock, deadlines, 100_000);
  expect([fired, deadlines.nextTimeout()]).toEqual([0, null]);
  deadline.touch(5);
  runUntil(clock, deadlines, 100_010);
  expect(fired).toBe(1);
});

it('reads the clock once in a batch, and again after it', () => {
  const clock = new VirtualClock();
  const deadlines = new Deadlines(clock);
  deadlines.beginBatch();
  expect(deadlines.now).toBe(0);
  clock.time = 7;
  expect(deadlines.now).toBe(0);
  deadlines.endBatch();
  expect(deadlines.now).toBe(7);
});

it('keeps the others when a callback throws', () => {
  const clock = new VirtualClock();
  const deadlines = new Deadlines(clock);
  const fired: string[] = [];
  deadlines.in(1, () => fired.push('a'));
  deadlines.in(2, () => {
    throw new Error('from a callback');
  });
  deadlines.in(3, () => fired.push('c'));
  clock.time = 10;
  expect(() => deadlines.expire()).toThrow('from a callback');
  expect(deadlines.nextTimeout()).toBe(0);
  expect(deadlines.expire()).toBe(1);
  expect(fired).toEqual(['a', 'c']);
});

it('passes over one that an earlier one of the same moment has cancelled or moved', () => {
  const clock = new VirtualClock();
  const deadlines = new Deadlines(clock);
  const fired: string[] = [];
  deadlines.in(1, () => {
    cancelled.cancel();
    moved.touch(100);
  });
  const cancelled = deadlines.in(2, () => fired.push('cancelled'));
  const moved = deadlines.in(3, () => fired.push('moved'));
  clock.time = 10;
  expect(deadlines.expire()).toBe(1);
  expect(fired).toEqual([]);
  runUntil(clock, deadlines, 200);
  expect(fired).toEqual(['moved']);
});

it('refuses what is not a number', () => {
  const deadlines = new Deadlines();
  const nothing = () => {};
  expect(() => deadlines.in(-1, nothing)).toThrow('invalid ms: -1 (expected a number from 0)');
  expect(() => deadlines.in(Number.NaN, nothing)).toThrow(RangeError);
  expect(() => deadlines.at('1' as unknown as number, nothing)).toThrow(RangeError);
  const deadline = deadlines.in(10, nothing);
  expect(() => deadline.touch(Number.NaN)).toThrow(RangeError);
  expect(deadline.pending).toBe(true);
});

interface Expected {
  deadline: Deadline;
  expiry: number;
  setAt: number;
  alive: boolean;
}

/** Compares one random schedule with a sorted list. Returns what is wrong. */
function problemOf(seed: number): string | undefined {
  const random = randomOf(seed);
  const clock = new VirtualClock(random(2) * random(1_000_000));
  const deadlines = new Deadlines(clock);
  const all: Expected[] = [];
  let problem: string | undefined;
  const span = [50, 900, 5000, 70_000, 400_000][random(5)] as number;

  const note = (text: string, one: Expected) => {
    problem ??= `seed ${seed}: ${text}: expiry ${one.expiry}, set at ${one.setAt}, now ${clock.time}`;
  };
  const quantum = (one: Expected) => (one.expiry - one.setAt < 1000 ? NEAR_MS : FAR_MS);
  const add = () => {
    const ms = random(span) + (random(3) === 0 ? 0.25 : 0);
    const one: Expected = { expiry: clock.time + ms, setAt: clock.time, alive: true } as Expected;
    one.deadline = deadlines.in(ms, () => {
      if (!one.alive) note('expired though it was cancelled or twice', one);
      if (clock.time < one.expiry) note('early', one);
      one.alive = false;
      if (random(4) === 0) add();
    });
    all.push(one);
  };

  const look = () => {
    // The sorted list: whatever is over its time by more than the quantum was lost or is late.
    for (const one of all) {
      if (one.alive && clock.time > one.expiry + quantum(one)) note('late or lost', one);
    }
  };

  for (let i = 0; i < 40 && problem === undefined; i++) {
    const action = random(6);
    const one = all[random(Math.max(1, all.length))];
    if (action <= 1 || one === undefined) {
      add();
    } else if (action === 2) {
      const ms = random(span);
      if (one.deadline.pending) {
        one.deadline.touch(ms);
        one.expiry = Math.ceil(clock.time) + ms;
        one.setAt = Math.min(one.setAt, clock.time);
      }
    } else if (action === 3) {
      one.deadline.cancel();
      one.alive = false;
    } else {
      const end = clock.time + random(span);
      for (;;) {
        const timeout = deadlines.nextTimeout();
        if (timeout === null || clock.time + timeout > end) break;
        clock.time += timeout;
        deadlines.expire();
        look();
      }
      clock.time = end;
    }
  }
  // A callback may have set another one: until none is left.
  while (deadlines.size > 0) runUntil(clock, deadlines, clock.time + 1_000_000);
  look();
  for (const one of all) if (one.alive) note('lost', one);
  return problem;
}

it('agrees with a sorted list in 10,000 random schedules: none early, none lost, none late by more than its quantum', () => {
  const problems: string[] = [];
  for (let seed = 1; seed <= 10_000 && problems.length < 3; seed++) {
    const problem = problemOf(seed);
    if (problem !== undefined) problems.push(problem);
  }
  expect(problems).toEqual([]);
});
