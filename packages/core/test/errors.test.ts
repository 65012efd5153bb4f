import assert from 'node:assert/strict';
import { test } from 'vitest';
import { EvloopError } from '../src/backend.ts';
import { isEvloopError, isExhausted, isTransient } from '../src/index.ts';

test('errors are told by their code', () => {
  const error = new EvloopError('EVLOOP_CLOSED', 'the poll is closed');
  assert.equal(error.name, 'EvloopError');
  assert.ok(isEvloopError(error));
  assert.ok(isEvloopError(error, 'EVLOOP_CLOSED'));
  assert.ok(!isEvloopError(error, 'EVLOOP_BUSY'));
  assert.ok(isEvloopError({ code: 'EVLOOP_CLOSED' }), 'of another copy of core');
  for (const other of [undefined, null, 1, 'EVLOOP_CLOSED', { code: 5 }, { code: 'EPIPE' }]) {
    assert.ok(!isEvloopError(other));
  }
  const cause = new Error('why');
  assert.equal(new EvloopError('EVLOOP_CLOSED', 'x', { cause }).cause, cause);
});

test('an accept error concerns one connection, or the moment, or the listener', () => {
  for (const code of ['EMFILE', 'ENFILE', 'ENOBUFS', 'ENOMEM']) {
    assert.ok(isTransient({ code }) && isExhausted({ code }), code);
  }
  for (const code of ['ECONNABORTED', 'EINTR', 'EPROTO', 'ENETDOWN', 'EHOSTUNREACH']) {
    assert.ok(isTransient({ code }) && !isExhausted({ code }), code);
  }
  for (const error of [
    { code: 'EBADF' },
    { code: 'EOPNOTSUPP' },
    { code: 5 },
    null,
    undefined,
    new Error('x'),
  ]) {
    assert.ok(!isTransient(error) && !isExhausted(error));
  }
});
