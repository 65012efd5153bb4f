import assert from 'node:assert/strict';
import { test } from 'vitest';
import { Company } from '../src/company.ts';
import { PollTally } from '../src/poll-stats.ts';
import { PLENTY } from '../src/ready-list.ts';
import { FakeSelector } from './fake-selector.ts';

function setUp() {
  const turns: (() => void)[] = [];
  const settle = (settled: () => void): number => turns.push(settled);
  const tally = new PollTally();
  let answers = 0;
  const company = new Company(
    Object.assign(new FakeSelector(), { settle }),
    tally,
    () => answers++,
  );
  const endTurn = (events: number): void => {
    assert.equal(turns.length, 1);
    tally.events += events;
    turns.pop()?.();
  };
  /** How many answers in a row do not wait for the end of a turn; the next one does. */
  const alone = (): number => {
    let count = 0;
    for (; !company.awaited(1); count++) tally.events++;
    return count;
  };
  return { company, turns, answers: () => answers, endTurn, alone };
}

test('without an end of the turn to wait for, nobody waits', () => {
  const company = new Company(new FakeSelector(), new PollTally(), () => {});
  assert.equal(company.awaited(1), false);
});

test('whoever comes while the end of the turn is waited for waits as well, until there are plenty', () => {
  const { company, turns, answers, endTurn } = setUp();
  assert.deepEqual(
    [1, 2, PLENTY - 1, PLENTY, 1].map((waiting) => company.awaited(waiting)),
    [true, true, true, false, true],
  );
  assert.deepEqual([turns.length, answers()], [1, 0]);
  endTurn(3);
  assert.deepEqual([turns.length, answers()], [0, 1]);
});

test('the more turns bring one event each, the more answers do not wait, up to a limit', () => {
  const { endTurn, alone } = setUp();
  const counts = Array.from({ length: 9 }, () => {
    const count = alone();
    endTurn(1);
    return count;
  });
  assert.deepEqual(counts, [0, 1, 2, 4, 8, 16, 32, 32, 32]);
});

test('a turn that brings several events, or none, begins that anew', () => {
  for (const events of [2, 50, 0]) {
    const { endTurn, alone } = setUp();
    const counts = [1, 1, events, 1, 1].map((each) => {
      const count = alone();
      endTurn(each);
      return count;
    });
    assert.deepEqual(counts, [0, 1, 2, 0, 1]);
  }
});
