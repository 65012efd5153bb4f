import { expect, test } from 'vitest';
import { apart, ratios, summarize } from '../src/statistics.ts';

test('the median of an even number of values lies between the middle two', () => {
  expect(summarize([4, 1, 3, 2])).toEqual({ median: 2.5, lower: 1.75, upper: 3.25 });
});

test('one value is its own median and range', () => {
  expect(summarize([7])).toEqual({ median: 7, lower: 7, upper: 7 });
});

test('one round that went wrong moves no range', () => {
  expect(summarize([1, 2, 3, 4, 500])).toEqual({ median: 3, lower: 2, upper: 4 });
});

test('nothing has no median', () => {
  expect(summarize([]).median).toBeNaN();
});

test('ratios are taken within a round, and leave out rounds that one of the two lacks', () => {
  expect(ratios([2, undefined, 6, 8], [1, 1, undefined, 4])).toEqual([2, 2]);
});

test('ranges that touch are not apart', () => {
  const low = { median: 1.5, lower: 1, upper: 2 };
  expect(apart(low, { median: 2.5, lower: 2, upper: 3 })).toBe(false);
  expect(apart(low, { median: 2.5, lower: 2.1, upper: 3 })).toBe(true);
});
