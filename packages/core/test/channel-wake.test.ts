import assert from 'node:assert/strict';
import { test } from 'vitest';
import { ChannelRemoteWaker, Poll, UserSpaceSelector } from '../src/backend.ts';
import { Events, Token, Waker } from '../src/index.ts';

test('a thread that is terminated while it wakes keeps no other from waking', async () => {
  const poll = new Poll(new UserSpaceSelector());
  const events = new Events(4);
  const handle = new Waker(poll.registry, Token(7)).handle();
  const channel = BroadcastChannel.prototype;
  const post = channel.postMessage;
  // A terminated thread stops anywhere: here just before it sends.
  channel.postMessage = () => {
    throw new Error('terminated');
  };
  try {
    assert.throws(() => new ChannelRemoteWaker(handle).wake(), /terminated/);
  } finally {
    channel.postMessage = post;
  }
  const other = new ChannelRemoteWaker(handle);
  for (let i = 0; i < 3; i++) {
    other.wake();
    other.wake();
    assert.equal(await poll.poll(events, 5000), 1);
    assert.equal(events.at(0)?.token, 7);
    assert.equal(await poll.poll(events, 20), 0);
  }
  other.close();
  poll.close();
});
