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
  /** How often the next answers do the same: wait each for a turn of one event, or do not wait, until one is a test of the guess. */
  const untilTest = (): { waited: number; answered: number } => {
    const counts = { waited: 0, answered: 0 };
    for (;;) {
      const waits = company.awaited(1);
      if (!waits && turns.length > 0) return counts;
      if (waits) {
        counts.waited++;
        endTurn(1);
      } else {
        counts.answered++;
        tally.events++;
      }
    }
  };
  /** Ends the turn of a test, in which so many answers were given. */
  const endTest = (given: number): void => {
    for (let i = 1; i < given; i++) assert.equal(company.awaited(1), false);
    const before = answers;
    endTurn(given);
    assert.equal(answers, before);
  };
  return { company, turns, answers: () => answers, endTurn, untilTest, endTest };
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

test('the more tests find one answer in a turn, the more answers do not wait, up to a limit', () => {
  const { untilTest, endTest } = setUp();
  assert.deepEqual(untilTest(), { waited: 1, answered: 0 });
  const answered = Array.from({ length: 8 }, () => {
    endTest(1);
    const counts = untilTest();
    assert.equal(counts.waited, 0);
    return counts.answered;
  });
  assert.deepEqual(answered, [1, 2, 4, 8, 16, 32, 32, 32]);
});

test('a source that has something several times in a turn waits for its end, although it is one event', () => {
  const { untilTest, endTest } = setUp();
  untilTest();
  endTest(1);
  untilTest();
  const waited = Array.from({ length: 8 }, () => {
    endTest(3);
    const counts = untilTest();
    assert.equal(counts.answered, 0);
    return counts.waited;
  });
  assert.deepEqual(waited, [1, 2, 4, 8, 16, 32, 32, 32]);
});

test('a turn that brings several events puts the next test off', () => {
  const { company, endTurn, untilTest } = setUp();
  for (let i = 0; i < 100; i++) {
    assert.equal(company.awaited(1), true);
    endTurn(2);
  }
  assert.deepEqual(untilTest(), { waited: 32, answered: 0 });
});
