import assert from 'node:assert/strict';
import { constants } from 'node:os';
import { test } from 'vitest';
import { linuxError, systemError } from '../src/backend.ts';
import { LINUX_ERRNO } from '../src/linux-errno.ts';

const skip = process.platform !== 'linux';
const options = { skip, meta: { skippedBecause: 'it needs Linux' } };

test('the fixed numbers are those of Linux', options, () => {
  const numbers = constants.errno as Record<string, number>;
  for (const [name, number] of Object.entries(LINUX_ERRNO))
    assert.equal(numbers[name], number, name);
});

test('an error of Linux has its number on every host', () => {
  const at = { address: '127.0.0.1', port: 9 };
  const error = linuxError('ECONNREFUSED', 'connect', at);
  assert.equal(error.errno, -111);
  assert.equal(error.message, 'connect ECONNREFUSED 127.0.0.1:9');
  assert.equal(linuxError('ENONSENSE', 'read').errno, 0);
});

test('an error of the system and one of Linux look alike', () => {
  const { message, code, syscall } = systemError('EPIPE', 'write');
  const other = linuxError('EPIPE', 'write');
  assert.deepEqual([message, code, syscall], [other.message, other.code, other.syscall]);
});
