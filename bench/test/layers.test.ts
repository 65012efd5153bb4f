import { expect, test } from 'vitest';
import { layerCosts } from '../src/layers.ts';
import { renderPage } from '../src/report-page.ts';
import { renderText } from '../src/report-text.ts';
import { result, row } from './fixed-result.ts';

const measured = result([
  row('epoll-sync-cork', '@evloop/epoll, pollSync, corked', [9, 9, 9]),
  row('epoll-sync', '@evloop/epoll, pollSync', [10, 11, 12]),
  row('bare-sync', '@evloop/epoll, pollSync, a bare loop', [10, 10, 10]),
]);

test('what a layer costs is measured against the same without it, in the same rounds', () => {
  const [service, corking, ...others] = layerCosts(measured);
  expect(service).toMatchObject({ layer: 'service', contestant: 'epoll-sync', of: 'bare-sync' });
  expect(service?.median).toBeCloseTo(1.1);
  expect(corking).toMatchObject({ layer: 'corking', of: 'epoll-sync' });
  expect(corking?.median).toBeCloseTo(9 / 11);
  expect(others).toEqual([]);
});

test('both reports show it, and none without such contestants', () => {
  expect(renderText(measured)).toMatch(/service.*epoll-sync \/ bare-sync.*1\.1/);
  expect(renderPage(measured)).toContain('<td>epoll-sync / bare-sync</td>');
  expect(renderText(result([]))).not.toContain('layer');
});
