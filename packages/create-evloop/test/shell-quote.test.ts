import { execFileSync } from 'node:child_process';
import { onlyIf } from '@evloop/testing';
import { expect, test } from 'vitest';
import { shellQuote } from '../src/shell-quote.ts';

const NAMES = ['my-server', '../a/b', 'my server', "it's", 'a"b', '$HOME', '`id`', 'a\\b', "$it's"];

test.each(NAMES)(
  'sh reads %j back as it was',
  onlyIf(process.platform !== 'win32', 'Windows has no sh'),
  (name) => {
    const script = `printf %s ${shellQuote(name, 'linux')}`;
    expect(execFileSync('sh', ['-c', script], { encoding: 'utf8' })).toBe(name);
  },
);

test('a path of Windows is in double quotes, and only where it needs them', () => {
  expect(shellQuote('my-server', 'win32')).toBe('my-server');
  expect(shellQuote('C:\\my server', 'win32')).toBe('"C:\\my server"');
});
