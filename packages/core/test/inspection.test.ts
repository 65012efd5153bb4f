import assert from 'node:assert/strict';
import { inspect } from 'node:util';
import { test } from 'vitest';
import { Poll, UserSpaceSelector } from '../src/backend.ts';
import {
  Interest,
  LingeringClose,
  Readiness,
  type StreamSocket,
  Token,
  WouldBlock,
} from '../src/index.ts';

test('the readiness of a source prints its state and its token', () => {
  const readiness = new Readiness();
  const poll = new Poll(new UserSpaceSelector());
  assert.equal(inspect(readiness), "Readiness { state: 'open' }");
  poll.registry.register(readiness, Token(2), Interest.READABLE);
  assert.equal(inspect(readiness), "Readiness { state: 'open', token: 2 }");
  readiness.close();
  assert.equal(inspect(readiness), "Readiness { state: 'closed' }");
  poll.close();
});

test('a lingering close prints whether it still waits', () => {
  const stream = { shutdown() {}, read: () => WouldBlock, close() {} } as never;
  const closing = new LingeringClose(stream as StreamSocket<unknown>);
  assert.equal(inspect(closing), "LingeringClose { state: 'waiting' }");
  closing.close();
  assert.equal(inspect(closing), "LingeringClose { state: 'closed' }");
});
