// Backends that are wrong about waiting and its events, each caught by the chapter that is named
// beside it.
import * as core from '@evloop/core';
import * as base from '@evloop/core/backend';
import { MemoryPoll } from '../../memory/src/memory-poll.ts';
import { eachIsCaught } from './each-is-caught.ts';
import { LosesPulses } from './loses-pulses.ts';

const { READABLE, WRITABLE } = core.Ready;

/** Hands the poll's collection to something that passes on less, or more. */
abstract class CollectingPoll extends MemoryPoll {
  protected override collect(events: core.Events): number {
    const sink = {
      [base.isFull]: false,
      length: 0,
      [base.pushEvent]: (registration: base.Registration, ready: core.Ready): void => {
        this.deliver(events, registration, ready);
      },
    };
    super.collect(sink as unknown as core.Events);
    return events.length;
  }
  protected abstract deliver(
    events: core.Events,
    registration: base.Registration,
    ready: core.Ready,
  ): void;
}

class LostAtCapacity extends CollectingPoll {
  protected deliver(events: core.Events, registration: base.Registration, ready: core.Ready): void {
    if (!events[base.isFull]) events[base.pushEvent](registration, ready);
  }
}

class Duplicates extends CollectingPoll {
  protected deliver(events: core.Events, registration: base.Registration, ready: core.Ready): void {
    for (const bit of [READABLE, WRITABLE, ready & ~3]) {
      if ((ready & bit) !== 0 && !events[base.isFull])
        events[base.pushEvent](registration, ready & bit);
    }
  }
}

class EarlyTimeout extends MemoryPoll {
  override poll(events: core.Events, timeoutMs?: number | null): Promise<number> {
    return super.poll(events, typeof timeoutMs === 'number' ? timeoutMs * 0.5 : timeoutMs);
  }
}

class ShortTimeout extends MemoryPoll {
  override poll(events: core.Events, timeoutMs?: number | null): Promise<number> {
    return super.poll(events, typeof timeoutMs === 'number' ? timeoutMs % 2 ** 31 : timeoutMs);
  }
}

class NeverWaits extends MemoryPoll {
  override poll(
    events: core.Events,
    timeoutMs?: number | null,
    options?: core.PollOptions,
  ): Promise<number> {
    return super.poll(events, timeoutMs === null ? 0 : timeoutMs, options);
  }
}

class LostWake extends MemoryPoll {
  override poll(
    events: core.Events,
    timeoutMs?: number | null,
    options?: core.PollOptions,
  ): Promise<number> {
    this.registry[base.readyList].clear();
    return super.poll(events, timeoutMs, options);
  }
}

/** Tidies up a moment after its answer, when the program has already gone on. */
class TidiesUpLate extends MemoryPoll {
  override poll(
    events: core.Events,
    timeoutMs?: number | null,
    options?: core.PollOptions,
  ): Promise<number> {
    const answer = super.poll(events, timeoutMs, options);
    const later = (): void => {};
    void answer.then(later, later).then(() => this.registry[base.readyList].clear());
    return answer;
  }
}

/** Notices readiness only when it is asked, not while it waits. */
class SleepsThrough extends base.Poll {
  constructor() {
    const selector = new base.UserSpaceSelector();
    super(selector);
    const list = this.registry[base.readyList];
    const add = list.add.bind(list);
    list.add = (readiness) => void setTimeout(() => add(readiness), 1000).unref();
  }
}

class IgnoresSignal extends MemoryPoll {
  override poll(events: core.Events, timeoutMs?: number | null): Promise<number> {
    return super.poll(events, timeoutMs);
  }
}

class KeepsOldBatch extends MemoryPoll {
  #keep = false;

  override async poll(events: core.Events, timeoutMs?: number | null): Promise<number> {
    const { clear } = events;
    events.clear = () => {
      if (!this.#keep) clear.call(events);
    };
    this.#keep = timeoutMs === 0 && events.length > 0 && this.registry[base.readyList].empty;
    return super.poll(events, timeoutMs);
  }
}

/** Its registry does not hold what is registered. */
class Forgetful extends MemoryPoll {
  constructor() {
    super();
    const { registry } = this;
    const register = registry.register.bind(registry);
    registry.register = (source, token, interest) => {
      const weak = new WeakRef(source);
      register(
        {
          register: (...call) => weak.deref()?.register(...call),
          reregister: (...call) => weak.deref()?.reregister(...call),
          deregister: (...call) => weak.deref()?.deregister(...call),
        },
        token,
        interest,
      );
      registry[base.forget](source);
    };
  }
}

class Miscounted extends MemoryPoll {
  protected override countAnswer(events: core.Events): number {
    super.countAnswer(events);
    return super.countAnswer(events);
  }
}

eachIsCaught([
  [
    'loses events at capacity',
    'capacity: 5 ready streams and a capacity of 2 make 2, 2, 1 and 0',
    { Poll: LostAtCapacity },
  ],
  [
    'yields two events of one source',
    'user-space readiness: several changes before a poll are one event',
    { Poll: Duplicates },
  ],
  [
    'returns after half of the timeout',
    'timeouts: a poll of 33.3 ms returns 0, and never early',
    { Poll: EarlyTimeout },
  ],
  [
    'wraps long timeouts',
    'timeouts: a timeout of Infinity is ended by an event',
    { Poll: ShortTimeout },
  ],
  [
    'does not wait for ever',
    'timeouts: a timeout of null does not end at once',
    { Poll: NeverWaits },
  ],
  [
    'ignores the signal',
    'timeouts: a signal ends the wait with its reason',
    { Poll: IgnoresSignal },
  ],
  [
    'keeps the batch before',
    'tokens, interest, events: a poll clears the previous batch, also when its time is up',
    { Poll: KeepsOldBatch },
  ],
  ['loses wakes before the poll', 'waker: a wake before the poll is not lost', { Poll: LostWake }],
  [
    'loses a wake in the direct continuation of a poll',
    'waker: a wake right after a poll is not lost, if the program polls at once',
    { Poll: TidiesUpLate },
  ],
  [
    'loses readiness in the direct continuation',
    'user-space readiness: readiness right after a poll is not lost',
    { Poll: TidiesUpLate },
  ],
  ['loses pulses', 'waker: a wake before the poll is not lost', { Poll: LosesPulses }],
  [
    'loses pulses, for which a poll waits for ever',
    'timeouts: a timeout of null does not end at once',
    { Poll: LosesPulses },
  ],
  [
    'does not hear of what becomes ready while it waits',
    'pending polls: readiness ends a pending poll',
    { Poll: SleepsThrough },
  ],
  [
    'holds nothing that is registered',
    'lifetime: a registered user-space source that the program does not reference works',
    { Poll: Forgetful },
  ],
  [
    'loses count of its events',
    'statistics: every answer and every event is counted, of sockets and other sources',
    { Poll: Miscounted },
  ],
]);
