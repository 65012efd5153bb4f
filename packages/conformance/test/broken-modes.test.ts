// Backends that are wrong about modes, handles and nested polls, each caught by the chapter that is
// named beside it.
import * as core from '@evloop/core';
import * as base from '@evloop/core/backend';
import { MemoryPoll } from '../../memory/src/memory-poll.ts';
import { eachIsCaught } from './each-is-caught.ts';

const { LEVEL, ONESHOT, EXCLUSIVE } = core.Mode;
type Call = Parameters<core.Source['register']>;

/** A registration that changes the interest on its way. */
abstract class OtherMode extends core.Readiness {
  override register(...[registry, token, interest]: Call): void {
    super.register(registry, token, this.other(interest));
  }
  override reregister(...[registry, token, interest]: Call): void {
    super.reregister(registry, token, this.other(interest));
  }
  protected abstract other(interest: core.Interest): core.Interest;
}

class LevelIsEdge extends OtherMode {
  protected other(interest: core.Interest): core.Interest {
    return interest & ~LEVEL;
  }
}

class OneshotIsEdge extends OtherMode {
  protected other(interest: core.Interest): core.Interest {
    return interest & ~ONESHOT;
  }
}

class ExclusiveIgnored extends OtherMode {
  protected other(interest: core.Interest): core.Interest {
    return interest & ~EXCLUSIVE;
  }
}

class LevelForEver extends core.Readiness {
  override clear(bits: core.Ready): void {
    if ((this.interest & LEVEL) === 0) super.clear(bits);
  }
}

class OneshotForGood extends core.Readiness {
  #was = false;

  override reregister(...[registry, token, interest]: Call): void {
    const again = this.#was && (interest & ONESHOT) !== 0;
    this.#was = (interest & ONESHOT) !== 0;
    super.reregister(registry, token, interest);
    if (again) this[base.take]();
  }
}

/** Draining to WouldBlock arms it again, as with edges. */
class OneshotUntilDrained extends core.Readiness {
  override clear(bits: core.Ready): void {
    super.clear(bits);
    const { registry, token, interest } = this;
    if (registry !== undefined && (interest & ONESHOT) !== 0) {
      this.reregister(registry, token, interest);
    }
  }
}

class ModeKept extends core.Readiness {
  override reregister(...[registry, token, interest]: Call): void {
    super.reregister(registry, token, interest | (this.interest & LEVEL));
  }
}

class HalfNested extends MemoryPoll {
  override asSource(): core.Source {
    return new core.Readiness();
  }
}

class WakesTheClosed extends base.ChannelRemoteWaker {
  override wake(): void {
    try {
      super.wake();
    } catch {
      // That is what is wrong with it.
    }
  }
}

class WakesEverySecondTime extends base.ChannelRemoteWaker {
  #times = 0;

  override wake(): void {
    if (this.#times++ % 2 === 0) super.wake();
  }
}

class TakesAnyHandle {
  wake(): void {}
  close(): void {}
  [Symbol.dispose](): void {}
}

eachIsCaught([
  [
    'takes level for edge',
    'registration modes: level: every poll reports the conditions that hold, and no others',
    { Readiness: LevelIsEdge },
  ],
  [
    'reports by level what no longer holds',
    'registration modes: level: every poll reports the conditions that hold, and no others',
    { Readiness: LevelForEver },
  ],
  [
    'takes one-shot for edge',
    'registration modes: one-shot: after one event of any kind, nothing is reported',
    { Readiness: OneshotIsEdge },
  ],
  [
    'shoots once for good',
    'registration modes: one-shot: reregister reports current readiness once more',
    { Readiness: OneshotForGood },
  ],
  [
    'shoots again after it was drained',
    'registration modes: one-shot: draining to WouldBlock does not re-arm',
    { Readiness: OneshotUntilDrained },
  ],
  [
    'keeps the mode when it is reregistered',
    'registration modes: level: reregister replaces the mode too',
    { Readiness: ModeKept },
  ],
  [
    'ignores a mode that it does not have',
    'registration modes: without supports.exclusiveMode, using it throws EVLOOP_UNSUPPORTED',
    { Readiness: ExclusiveIgnored },
  ],
  [
    'gives out a source that is none',
    'nested polls: without supports.nestedPoll, using it throws EVLOOP_UNSUPPORTED',
    { Poll: HalfNested },
  ],
  [
    'says nothing of closed wakers',
    'waker handles: a handle of a closed waker throws, and wakes no later waker',
    { RemoteWaker: WakesTheClosed },
  ],
  [
    'loses wakes of other threads',
    'waker handles: each wake through a handle is an event of its waker',
    { RemoteWaker: WakesEverySecondTime },
  ],
  [
    'takes any handle',
    'waker handles: each wake through a handle is an event of its waker',
    { RemoteWaker: TakesAnyHandle },
  ],
]);
