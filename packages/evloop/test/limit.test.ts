import { expect, test } from 'vitest';
import { linuxLimits, openFileLimits } from '../src/limit.ts';

const GENEROUS: Readonly<Record<string, string>> = {
  '/proc/self/limits':
    'Limit                     Soft Limit           Hard Limit           Units\n' +
    'Max processes             100                  100                  processes\n' +
    'Max open files            1048576              1048576              files\n',
  '/proc/sys/fs/nr_open': '1073741816\n',
  '/proc/sys/fs/epoll/max_user_watches': '5000000\n',
  '/proc/sys/net/core/somaxconn': '4096\n',
  '/proc/sys/net/core/rmem_max': '4194304\n',
  '/proc/sys/net/core/wmem_max': '4194304\n',
  '/proc/sys/net/ipv4/ip_local_port_range': '32768\t60999\n',
};

const advice = (files: Readonly<Record<string, string>>) =>
  linuxLimits((path) => files[path]).flatMap((limit) => limit.advice ?? []);

test('reads them all', () => {
  const values = linuxLimits((path) => GENEROUS[path]).map(({ name, value }) => [name, value]);
  expect(Object.fromEntries(values)).toEqual({
    'RLIMIT_NOFILE soft': '1048576',
    'RLIMIT_NOFILE hard': '1048576',
    'fs.nr_open': '1073741816',
    'fs.epoll.max_user_watches': '5000000',
    'net.core.somaxconn': '4096',
    'net.core.rmem_max': '4194304',
    'net.core.wmem_max': '4194304',
    'net.ipv4.ip_local_port_range': '32768 60999',
  });
});

test('generous ones need no advice, and unreadable ones get none', () => {
  expect(advice(GENEROUS)).toEqual([]);
  expect(advice({})).toEqual([]);
});

test.each([
  ['/proc/sys/net/core/somaxconn', '128\n', 'sysctl -w net.core.somaxconn=4096 '],
  ['/proc/sys/net/core/rmem_max', '212992\n', 'sysctl -w net.core.rmem_max=8388608 '],
  ['/proc/sys/net/core/wmem_max', '212992\n', 'sysctl -w net.core.wmem_max=8388608 '],
  ['/proc/sys/fs/nr_open', '1024\n', 'sysctl -w fs.nr_open=1048576 '],
  [
    '/proc/sys/net/ipv4/ip_local_port_range',
    '60000\t60999\n',
    'sysctl -w net.ipv4.ip_local_port_range="10240 65535" ',
  ],
])('a small %s is advised to grow', (path, value, expected) => {
  const [only, ...others] = advice({ ...GENEROUS, [path]: value });
  expect(only?.startsWith(expected)).toBe(true);
  expect(others).toEqual([]);
});

test('a low soft limit is raised by ulimit, a low hard one by the supervisor', () => {
  const texts = (soft: string, hard: string) => openFileLimits(soft, hard).map((l) => l.advice);
  expect(texts('1024', '1048576')).toEqual([
    expect.stringContaining('ulimit -n 1048576'),
    undefined,
  ]);
  expect(texts('1024', '4096')).toEqual([undefined, expect.stringContaining('LimitNOFILE')]);
  expect(texts('unlimited', 'unlimited')).toEqual([undefined, undefined]);
});
