// Backends whose registrations are wrong, each caught by the chapter that is named beside it.
import * as core from '@evloop/core';
import * as base from '@evloop/core/backend';
import { eachIsCaught } from './each-is-caught.ts';

const { READABLE, WRITABLE, ERROR } = core.Ready;

class MissedReArm extends core.Readiness {
  override clear(): void {}
}

class WrongDirection extends core.Readiness {
  override clear(bits: core.Ready): void {
    super.clear(bits === READABLE ? WRITABLE : READABLE);
  }
}

class BothDirections extends core.Readiness {
  override clear(bits: core.Ready): void {
    super.clear(bits);
    this.pulse(this.condition & WRITABLE);
  }
}

class ReArmedByDelivery extends core.Readiness {
  override [base.take](): core.Ready {
    const ready = super[base.take]();
    queueMicrotask(() => this.pulse(ready & READABLE & this.condition));
    return ready;
  }
}

class MaskedClose extends core.Readiness {
  override [base.take](): core.Ready {
    return super[base.take]() & (this.interest | ERROR);
  }
}

class ErrorUnreported extends core.Readiness {
  override [base.take](): core.Ready {
    return super[base.take]() & ~ERROR;
  }
}

class NotWithdrawn extends core.Readiness {
  #held: core.Ready = 0;

  override reregister(...call: Parameters<core.Source['register']>): void {
    this.#held = this.condition;
    super.reregister(...call);
    this.registry?.[base.readyList].add(this[base.queueEntry]);
  }
  override [base.take](): core.Ready {
    const held = this.#held;
    this.#held = 0;
    return super[base.take]() | held;
  }
}

class SilentRegistration extends core.Readiness {
  override register(...call: Parameters<core.Source['register']>): void {
    super.register(...call);
    this[base.take]();
  }
}

class SilentReregistration extends core.Readiness {
  override reregister(...call: Parameters<core.Source['register']>): void {
    super.reregister(...call);
    this[base.take]();
  }
}

class OldToken extends core.Readiness {
  override reregister(registry: core.Registry, _token: core.Token, interest: core.Interest): void {
    super.reregister(registry, this.token, interest);
  }
}

class DoubleRegistration extends core.Readiness {
  override register(...call: Parameters<core.Source['register']>): void {
    if (this.registry === undefined) super.register(...call);
    else (this.registry as core.Registry).reregister(this.source, call[1], call[2]);
  }
}

class StaleEvents extends core.Readiness {
  override get [base.generation](): number {
    return 0;
  }
}

class CloseWithoutDeregister extends core.Readiness {
  #over = false;

  override get closed(): boolean {
    return this.#over;
  }
  override checkOpen(): void {
    if (this.#over) throw base.closedError('the source');
  }
  override close(): void {
    this.#over = true;
  }
}

class UseAfterClose extends core.Readiness {
  override checkOpen(): void {}
}

eachIsCaught([
  [
    're-arms nothing',
    'edges: after WouldBlock, new data is an event, every time',
    { Readiness: MissedReArm },
  ],
  [
    're-arms the wrong direction',
    'edges: after WouldBlock, new data is an event, every time',
    { Readiness: WrongDirection },
  ],
  [
    're-arms both directions',
    'edges: a read that returns WouldBlock re-arms only reading',
    { Readiness: BothDirections },
  ],
  [
    'reports over and over what is not drained',
    'edges: unread data is reported only once',
    { Readiness: ReArmedByDelivery },
  ],
  [
    'masks close by the interest',
    'half-close: the end of the peer’s side is reported, with READABLE alone',
    { Readiness: MaskedClose },
  ],
  [
    'reports no errors',
    'close and errors: a reset is reported as error and closed, with READABLE alone',
    { Readiness: ErrorUnreported },
  ],
  [
    'does not withdraw what reregister no longer wants',
    'registration: reregister replaces token and interest as a whole',
    { Readiness: NotWithdrawn },
  ],
  [
    'does not report what is ready when it is registered',
    'registration: registering reports current readiness',
    { Readiness: SilentRegistration },
  ],
  [
    'does not report anew when it is reregistered',
    'registration: registering with a second poll throws, and the first registration remains',
    { Readiness: SilentReregistration },
  ],
  [
    'keeps the old token',
    'registration: registering with a second poll throws, and the first registration remains',
    { Readiness: OldToken },
  ],
  [
    'accepts a second registration',
    'registration: registering with a second poll throws, and the first registration remains',
    { Readiness: DoubleRegistration },
  ],
  [
    'closes without deregistering',
    'registration: closing a source deregisters it',
    { Readiness: CloseWithoutDeregister },
  ],
  [
    'works after close',
    'registration: a closed source cannot be registered',
    { Readiness: UseAfterClose },
  ],
  [
    'yields stale events',
    'stale events: a stream that is deregistered within the batch yields nothing more in it',
    { Readiness: StaleEvents },
  ],
]);
