import { expect, test } from 'vitest';
import { HELP, parseOptions } from '../src/options.ts';

test('cases and contestants may be repeated, or joined by commas', () => {
  const options = parseOptions(['--case', 'connect,idle', '--case', 'micro', '--contestant', 'c']);
  expect(options?.cases).toEqual(['connect', 'idle', 'micro']);
  expect(options?.contestants).toEqual(['c']);
  expect(options?.micro).toBe(true);
});

test('the micro benchmarks are left out when other cases are asked for', () => {
  expect(parseOptions(['--case', 'connect'])?.micro).toBe(false);
  expect(parseOptions([])?.micro).toBe(true);
});

test('an unknown name is refused, with those that there are', () => {
  expect(() => parseOptions(['--case', 'tcp'])).toThrow(/no tcp; there are tcp-64x50/);
  expect(() => parseOptions(['--contestant', 'rust'])).toThrow(/no rust; there are .*mio/);
  expect(() => parseOptions(['--rounds', '0'])).toThrow('--rounds is a number above 0');
});

test('help names every case and contestant', () => {
  expect(parseOptions(['--help'])).toBeUndefined();
  expect(HELP).toContain('udp-receive');
  expect(HELP).toContain('epoll-sync-batch');
});
