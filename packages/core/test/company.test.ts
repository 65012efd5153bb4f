import assert from 'node:assert/strict';
import { test } from 'vitest';
import { Company } from '../src/poll/company.ts';
import { PLENTY, ReadyList } from '../src/registration/ready-list.ts';
import { FakeSelector } from './fake-selector.ts';

function setUp() {
  const turns: (() => void)[] = [];
  const settle = (settled: () => void): number => turns.push(settled);
  const list = new ReadyList(() => {});
  let answers = 0;
  const company = new Company(Object.assign(new FakeSelector(), { settle }), list, () => answers++);
  /** A source says that it is ready, and asks whether it waits. */
  const awaited = (waiting = 1): boolean => {
    list.news++;
    return company.awaited(waiting);
  };
  /** Ends the turn that is waited for, with so much more news. */
  const endTurn = (more: number): void => {
    assert.equal(turns.length, 1);
    list.news += more;
    turns.pop()?.();
  };
  /** How many answers in a row do not wait for the end of a turn; the next one does. */
  const alone = (): number => {
    let count = 0;
    while (!awaited()) count++;
    return count;
  };
  return { awaited, turns, answers: () => answers, endTurn, alone };
}

test('without an end of the turn to wait for, nobody waits', () => {
  const company = new Company(new FakeSelector(), new ReadyList(() => {}), () => {});
  assert.equal(company.awaited(1), false);
});

test('whoever comes while the end of the turn is waited for waits as well, until there are plenty', () => {
  const { awaited, turns, answers, endTurn } = setUp();
  assert.deepEqual([1, 2, PLENTY - 1, PLENTY, 1].map(awaited), [true, true, true, false, true]);
  assert.deepEqual([turns.length, answers()], [1, 0]);
  endTurn(0);
  assert.deepEqual([turns.length, answers()], [0, 1]);
});

test('the more turns bring nothing else, the more answers do not wait, up to a limit', () => {
  const { endTurn, alone } = setUp();
  const counts = Array.from({ length: 9 }, () => {
    const count = alone();
    endTurn(0);
    return count;
  });
  assert.deepEqual(counts, [0, 1, 2, 4, 8, 16, 32, 32, 32]);
});

test('a turn that brings more news, of the same source or of others, begins that anew', () => {
  for (const more of [1, 49]) {
    const { endTurn, alone } = setUp();
    const counts = [0, 0, more, 0, 0].map((each) => {
      const count = alone();
      endTurn(each);
      return count;
    });
    assert.deepEqual(counts, [0, 1, 2, 0, 1]);
  }
});

test('what comes because an answer was given at once is no company', () => {
  const { awaited, endTurn, alone } = setUp();
  for (const expected of [0, 1, 2, 4]) {
    assert.equal(alone(), expected);
    endTurn(0);
  }
  // The turns of these answers bring the next question each, which counts for nothing.
  for (let i = 0; i < 8; i++) assert.equal(awaited(), false);
  assert.equal(awaited(), true);
});
