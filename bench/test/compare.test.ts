import { expect, test } from 'vitest';
import { compareResults, renderComparison } from '../src/compare.ts';
import { result, row } from './fixed-result.ts';

const ours = (costs: number[]): ReturnType<typeof row> => row('epoll', 'ours', costs);
const floor = (costs: number[]): ReturnType<typeof row> => row('c', 'the floor', costs);

test('a machine that is twice as slow is no change', () => {
  const before = result([ours([10, 11, 12]), floor([5, 5.5, 6])]);
  const after = result([ours([20, 22, 24]), floor([10, 11, 12])]);
  const [change] = compareResults(before, after);
  expect(change).toMatchObject({ contestant: 'epoll', ratio: 1, beyondSpread: false });
  expect(change?.yardstick).toBe('c');
  expect(renderComparison(compareResults(before, after))).toContain('No change');
});

test('what costs more in units of the floor is slower, and says so', () => {
  const before = result([ours([10, 10.1, 10.2]), floor([5, 5, 5])]);
  const after = result([ours([12, 12.1, 12.2]), floor([5, 5, 5])]);
  const changes = compareResults(before, after);
  expect(changes[0]).toMatchObject({ beyondSpread: true });
  expect(changes[0]?.ratio).toBeCloseTo(12.1 / 10.1);
  expect(renderComparison(changes)).toMatch(/epoll.*1\.198.*slower/);
});

test('a difference within the range of the rounds is none', () => {
  const before = result([ours([8, 10, 13]), floor([5, 5, 5])]);
  const after = result([ours([9, 11, 14]), floor([5, 5, 5])]);
  expect(compareResults(before, after)[0]?.beyondSpread).toBe(false);
});

test('without a peer in both, the absolute figures are compared', () => {
  const changes = compareResults(result([ours([10, 10, 10])]), result([ours([5, 5, 5])]));
  expect(changes).toMatchObject([{ ratio: 0.5, beyondSpread: true, yardstick: undefined }]);
  expect(renderComparison(changes)).toMatch(/faster.*the clock/);
});

test('who failed, or is in one result alone, is left out', () => {
  const failed = { ...ours([10]), failure: 'the echo is wrong' };
  expect(compareResults(result([failed]), result([ours([10])]))).toEqual([]);
  expect(compareResults(result([]), result([ours([10])]))).toEqual([]);
  expect(renderComparison([])).toContain('Nothing to compare');
});

test('micro operations are compared by the clock', () => {
  const micro = { id: 'token', title: 'Token(i)', backend: 'epoll', lower: 1, upper: 3 };
  const before = result([], { micro: [{ ...micro, median: 2 }] });
  const after = result([], { micro: [{ ...micro, median: 4, lower: 3.5, upper: 5 }] });
  expect(compareResults(before, after)).toMatchObject([{ ratio: 2, beyondSpread: true }]);
});
