import assert from 'node:assert/strict';
import { test } from 'vitest';
import { Schedule } from '../src/poll/schedule.ts';
import { PLENTY, ReadyList } from '../src/registration/ready-list.ts';
import { FakeSelector, settle as noticed } from './fake-selector.ts';

function setUp({ turns = [] as (() => void)[] } = {}) {
  const settle = (settled: () => void): number => turns.push(settled);
  const selector = Object.assign(new FakeSelector(), { settle });
  const list = new ReadyList(() => {});
  let answers = 0;
  const schedule = new Schedule(selector, list, {
    answer: () => ++answers > 0,
    remaining: () => null,
    fail: assert.fail,
  });
  schedule.wait(null, false);
  /** A source says that it is ready; returns whether its answer waits for the end of the turn. */
  const awaited = async (waiting = 1): Promise<boolean> => {
    list.news++;
    const before = answers;
    schedule.onReady(waiting);
    await noticed();
    return answers === before;
  };
  /** Ends the turn that is waited for, with so much more news. */
  const endTurn = (more: number): void => {
    assert.equal(turns.length, 1);
    list.news += more;
    turns.pop()?.();
  };
  /** Returns how many answers in a row do not wait for the end of a turn; the next one does. */
  const alone = async (): Promise<number> => {
    let count = 0;
    while (!(await awaited())) count++;
    return count;
  };
  return { awaited, turns, answers: () => answers, endTurn, alone };
}

test('without an end of the turn to wait for, an answer comes in a microtask', async () => {
  let answers = 0;
  const schedule = new Schedule(new FakeSelector(), new ReadyList(() => {}), {
    answer: () => ++answers > 0,
    remaining: () => null,
    fail: assert.fail,
  });
  schedule.wait(null, false);
  schedule.onReady(1);
  assert.equal(answers, 0);
  await noticed();
  assert.equal(answers, 1);
});

test('sources that become ready before the end of the turn wait for it too, unless there are plenty', async () => {
  const { awaited, turns, answers, endTurn } = setUp();
  const waited: boolean[] = [];
  for (const waiting of [1, 2, PLENTY - 1, PLENTY, 1]) waited.push(await awaited(waiting));
  assert.deepEqual(waited, [true, true, true, false, true]);
  assert.deepEqual([turns.length, answers()], [1, 1]);
  endTurn(0);
  assert.deepEqual([turns.length, answers()], [0, 2]);
});

test('the more turns bring nothing else, the more answers do not wait, up to a limit', async () => {
  const { endTurn, alone } = setUp();
  const counts: number[] = [];
  for (let i = 0; i < 9; i++) {
    counts.push(await alone());
    endTurn(0);
  }
  assert.deepEqual(counts, [0, 1, 2, 4, 8, 16, 32, 32, 32]);
});

test('a turn that brings more news, of the same source or of others, begins that anew', async () => {
  for (const more of [1, 49]) {
    const { endTurn, alone } = setUp();
    const counts: number[] = [];
    for (const each of [0, 0, more, 0, 0]) {
      counts.push(await alone());
      endTurn(each);
    }
    assert.deepEqual(counts, [0, 1, 2, 0, 1]);
  }
});

test('news after an answer in a microtask do not count as a batch', async () => {
  const { awaited, endTurn, alone } = setUp();
  for (const expected of [0, 1, 2, 4]) {
    assert.equal(await alone(), expected);
    endTurn(0);
  }
  // The turns of these answers bring the next question each, which counts for nothing.
  for (let i = 0; i < 8; i++) assert.equal(await awaited(), false);
  assert.equal(await awaited(), true);
});
