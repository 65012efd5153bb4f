import { Poll, registrationOf } from '../src/backend.ts';
import { Events, Interest, Readiness, type Source, Token } from '../src/index.ts';
import { FakeSelector } from './fake-selector.ts';

/** A poll on a fake selector, and the outcome of a `poll` that may still be pending. */
export function setUp() {
  const selector = new FakeSelector();
  const poll = new Poll(selector);
  const events = new Events(4);
  const start = (timeoutMs?: number | null, signal?: AbortSignal) => {
    const outcome: { count?: number; error?: unknown } = {};
    poll.poll(events, timeoutMs, { signal }).then(
      (count) => {
        outcome.count = count;
      },
      (error) => {
        outcome.error = error;
      },
    );
    return outcome;
  };
  const source = (token = 0): Readiness => {
    const readiness: Readiness = new Readiness({} as Source);
    const leaf = {
      [registrationOf]: readiness,
      register: readiness.register.bind(readiness),
      reregister: readiness.reregister.bind(readiness),
      deregister: readiness.deregister.bind(readiness),
    };
    poll.registry.register(leaf, Token(token), Interest.READABLE);
    return readiness;
  };
  selector.take();
  return { selector, poll, events, start, source };
}
