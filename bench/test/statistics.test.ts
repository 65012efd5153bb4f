import { expect, test } from 'vitest';
import { apart, ratios, summarize } from '../src/statistics.ts';

test('the median of an even number of values lies between the middle two', () => {
  expect(summarize([4, 1, 3, 2])).toEqual({ median: 2.5, least: 1, most: 4 });
});

test('one value is its own median and range', () => {
  expect(summarize([7])).toEqual({ median: 7, least: 7, most: 7 });
});

test('nothing has no median', () => {
  expect(summarize([]).median).toBeNaN();
});

test('ratios are taken within a round, and leave out rounds that one of the two lacks', () => {
  expect(ratios([2, undefined, 6, 8], [1, 1, undefined, 4])).toEqual([2, 2]);
});

test('ranges that touch are not apart', () => {
  expect(apart(summarize([1, 2]), summarize([2, 3]))).toBe(false);
  expect(apart(summarize([1, 2]), summarize([2.1, 3]))).toBe(true);
});
