// The suite is tested by backends that are wrong in one way each. Each is caught by the chapter that is named beside it.
import assert from 'node:assert/strict';
import * as core from '@evloop/core';
import { test } from 'vitest';
import { firstFailure } from './first-failure.ts';
import { MemoryListener, MemoryPoll, type Parts } from './minimal-backend.ts';
import { MemoryStream } from './minimal-stream.ts';

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
  override take(): core.Ready {
    const ready = super.take();
    queueMicrotask(() => this.pulse(ready & READABLE & this.condition));
    return ready;
  }
}

class MaskedClose extends core.Readiness {
  override take(): core.Ready {
    return super.take() & (this.interest | ERROR);
  }
}

class ErrorUnreported extends core.Readiness {
  override take(): core.Ready {
    return super.take() & ~ERROR;
  }
}

class NotWithdrawn extends core.Readiness {
  #held: core.Ready = 0;

  override reregister(...call: Parameters<core.Source['register']>): void {
    this.#held = this.condition;
    super.reregister(...call);
    this.registry?.readyList.add(this);
  }
  override take(): core.Ready {
    const held = this.#held;
    this.#held = 0;
    return super.take() | held;
  }
}

class SilentRegistration extends core.Readiness {
  override register(...call: Parameters<core.Source['register']>): void {
    super.register(...call);
    this.take();
  }
}

class SilentReregistration extends core.Readiness {
  override reregister(...call: Parameters<core.Source['register']>): void {
    super.reregister(...call);
    this.take();
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
    else this.registry.reregister(this.source, call[1], call[2]);
  }
}

class StaleEvents extends core.Readiness {
  override get generation(): number {
    return 0;
  }
}

class CloseWithoutDeregister extends core.Readiness {
  #over = false;

  override get closed(): boolean {
    return this.#over;
  }
  override checkOpen(): void {
    if (this.#over) throw core.closedError('the source');
  }
  override close(): void {
    this.#over = true;
  }
}

class UseAfterClose extends core.Readiness {
  override checkOpen(): void {}
}

/** Hands the poll's collection to something that passes on less, or more. */
abstract class CollectingPoll extends MemoryPoll {
  protected override collect(events: core.Events): number {
    const sink = {
      full: false,
      length: 0,
      push: (registration: core.Registration, ready: core.Ready): void => {
        this.deliver(events, registration, ready);
      },
    };
    super.collect(sink as unknown as core.Events);
    return events.length;
  }
  protected abstract deliver(
    events: core.Events,
    registration: core.Registration,
    ready: core.Ready,
  ): void;
}

class LostAtCapacity extends CollectingPoll {
  protected deliver(events: core.Events, registration: core.Registration, ready: core.Ready): void {
    if (!events.full) events.push(registration, ready);
  }
}

class Duplicates extends CollectingPoll {
  protected deliver(events: core.Events, registration: core.Registration, ready: core.Ready): void {
    for (const bit of [READABLE, WRITABLE, ready & ~3]) {
      if ((ready & bit) !== 0 && !events.full) events.push(registration, ready & bit);
    }
  }
}

class EarlyTimeout extends MemoryPoll {
  override poll(events: core.Events, timeoutMs?: number | null): Promise<number> {
    return super.poll(events, typeof timeoutMs === 'number' ? timeoutMs * 0.9 : timeoutMs);
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
    return super.poll(events, timeoutMs === null ? 1 : timeoutMs, options);
  }
}

class LostWake extends MemoryPoll {
  override poll(
    events: core.Events,
    timeoutMs?: number | null,
    options?: core.PollOptions,
  ): Promise<number> {
    this.registry.readyList.clear();
    return super.poll(events, timeoutMs, options);
  }
}

/** Notices readiness only when it is asked, not while it waits. */
class SleepsThrough extends core.Poll {
  constructor() {
    const selector = new core.UserSpaceSelector();
    super(selector);
    const list = this.registry.readyList;
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
    this.#keep = timeoutMs === 0 && events.length > 0 && this.registry.readyList.empty;
    return super.poll(events, timeoutMs);
  }
}

class SwallowedEnd extends MemoryStream {
  override read(buffer: Uint8Array, offset?: number, length?: number): number | core.WouldBlock {
    const size = super.read(buffer, offset, length);
    return size === 0 ? core.WouldBlock : size;
  }
}

class EndOnlyOnce extends MemoryStream {
  protected override nothingToRead(): number | core.WouldBlock {
    const size = super.nothingToRead();
    if (size === 0) this.peerEnded = false;
    return size;
  }
}

class EndBeforeData extends MemoryStream {
  override peek(buffer: Uint8Array, offset?: number, length?: number): number | core.WouldBlock {
    return this.peerEnded ? 0 : super.peek(buffer, offset, length);
  }
}

class ErrorTwice extends MemoryStream {
  #times = 0;

  override takeError(): core.SystemError | undefined {
    const error = this.error;
    if (error !== undefined && this.#times++ === 0) return error;
    return super.takeError();
  }
}

class ErrorBeforeData extends MemoryStream {
  override peek(buffer: Uint8Array, offset?: number, length?: number): number | core.WouldBlock {
    if (this.error !== undefined) throw super.takeError();
    return super.peek(buffer, offset, length);
  }
}

class ErrorForgotten extends MemoryStream {
  override takeError(): undefined {
    super.takeError();
  }
  protected override nothingToRead(): number | core.WouldBlock {
    this.error = undefined;
    return super.nothingToRead();
  }
}

class DestructiveFinishConnect extends MemoryStream {
  override finishConnect(): true | core.WouldBlock {
    try {
      return super.finishConnect();
    } finally {
      if (this.connectError !== undefined) this.error = undefined;
      this.connectError = undefined;
    }
  }
}

class WritableIsConnected extends MemoryStream {
  override finishConnect(): true | core.WouldBlock {
    this.checkOpen();
    return this.state === 'connecting' ? core.WouldBlock : true;
  }
}

class PreservingTakeError extends MemoryStream {
  override takeError(): core.SystemError | undefined {
    return this.error;
  }
}

class BytesReordered extends MemoryStream {
  protected override hear(bytes: Uint8Array): void {
    super.hear(bytes.length > 4000 ? bytes.toReversed() : bytes);
  }
}

class BytesDropped extends MemoryStream {
  override write(buffer: Uint8Array, offset = 0, length?: number): number | core.WouldBlock {
    const size = super.write(buffer, offset, length);
    return size === core.WouldBlock && this.state === 'connected' ? 1 : size;
  }
}

class ConsumingPeek extends MemoryStream {
  override peek(buffer: Uint8Array, offset?: number, length?: number): number | core.WouldBlock {
    const size = super.peek(buffer, offset, length);
    this.readiness.clear(READABLE);
    return size;
  }
}

class OffsetIgnored extends MemoryStream {
  override read(buffer: Uint8Array, offset = 0, length?: number): number | core.WouldBlock {
    return super.read(buffer, 0, length ?? buffer.length - offset);
  }
}

class UncheckedRange extends MemoryStream {
  override write(buffer: Uint8Array, offset = 0, length?: number): number | core.WouldBlock {
    return super.write(buffer.subarray(offset, offset + (length ?? buffer.length)));
  }
}

class WriteAfterShutdown extends MemoryStream {
  override write(buffer: Uint8Array, offset = 0, length?: number): number | core.WouldBlock {
    try {
      return super.write(buffer, offset, length);
    } catch (error) {
      if ((error as core.SystemError).code === 'EPIPE') return buffer.length;
      throw error;
    }
  }
}

class ForgetsTheRest extends MemoryListener {
  override accept(): MemoryStream | core.WouldBlock {
    const stream = super.accept();
    this.queue.length = 0;
    return stream;
  }
}

class ListenerStaysReady extends MemoryListener {
  override accept(): MemoryStream | core.WouldBlock {
    const stream = super.accept();
    this.readiness.clear(READABLE);
    if (this.queue.length > 0) this.readiness.set(READABLE);
    return stream;
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
      registry.forget(source);
    };
  }
}

class Miscounted extends MemoryPoll {
  protected override answer(events: core.Events): number {
    super.answer(events);
    return super.answer(events);
  }
}

const broken: [what: string, chapter: string, parts: Partial<Parts>][] = [
  ['re-arms nothing', 'edges', { Readiness: MissedReArm }],
  ['re-arms the wrong direction', 'edges', { Readiness: WrongDirection }],
  ['re-arms both directions', 'edges', { Readiness: BothDirections }],
  ['reports over and over what is not drained', 'edges', { Readiness: ReArmedByDelivery }],
  ['masks close by the interest', 'half-close', { Readiness: MaskedClose }],
  ['reports no errors', 'close and errors', { Readiness: ErrorUnreported }],
  [
    'does not withdraw what reregister no longer wants',
    'registration',
    { Readiness: NotWithdrawn },
  ],
  [
    'does not report what is ready when it is registered',
    'registration',
    { Readiness: SilentRegistration },
  ],
  [
    'does not report anew when it is reregistered',
    'registration',
    { Readiness: SilentReregistration },
  ],
  ['keeps the old token', 'registration', { Readiness: OldToken }],
  ['accepts a second registration', 'registration', { Readiness: DoubleRegistration }],
  ['closes without deregistering', 'registration', { Readiness: CloseWithoutDeregister }],
  ['works after close', 'registration', { Readiness: UseAfterClose }],
  ['yields stale events', 'stale events', { Readiness: StaleEvents }],
  ['loses events at capacity', 'capacity', { Poll: LostAtCapacity }],
  ['yields two events of one source', 'user-space readiness', { Poll: Duplicates }],
  ['is early by a tenth', 'timeouts', { Poll: EarlyTimeout }],
  ['wraps long timeouts', 'timeouts', { Poll: ShortTimeout }],
  ['does not wait for ever', 'timeouts', { Poll: NeverWaits }],
  ['ignores the signal', 'timeouts', { Poll: IgnoresSignal }],
  ['keeps the batch before', 'tokens, interest, events', { Poll: KeepsOldBatch }],
  ['loses wakes before the poll', 'waker', { Poll: LostWake }],
  ['does not hear of what becomes ready while it waits', 'pending polls', { Poll: SleepsThrough }],
  ['swallows the end', 'read', { Stream: SwallowedEnd }],
  ['says the end once', 'read', { Stream: EndOnlyOnce }],
  ['says the end before the data', 'read', { Stream: EndBeforeData }],
  ['reports an error twice', 'close and errors', { Stream: ErrorTwice }],
  ['reports an error before the data', 'close and errors', { Stream: ErrorBeforeData }],
  ['forgets errors', 'close and errors', { Stream: ErrorForgotten }],
  ['has a destructive finishConnect', 'connect', { Stream: DestructiveFinishConnect }],
  ['takes writable for connected', 'connect', { Stream: WritableIsConnected }],
  ['has a takeError that takes nothing', 'connect', { Stream: PreservingTakeError }],
  ['reorders bytes', 'data integrity', { Stream: BytesReordered }],
  ['takes bytes that it drops', 'write', { Stream: BytesDropped }],
  ['has a peek that takes the edge away', 'peek and vectors', { Stream: ConsumingPeek }],
  ['ignores the offset', 'read', { Stream: OffsetIgnored }],
  ['does not check the range', 'bad input', { Stream: UncheckedRange }],
  ['writes after shutdown', 'half-close', { Stream: WriteAfterShutdown }],
  ['accepts one and forgets the rest', 'accept', { Listener: ForgetsTheRest }],
  ['re-arms a listener by accepting', 'accept', { Listener: ListenerStaysReady }],
  ['holds nothing that is registered', 'lifetime', { Poll: Forgetful }],
  ['loses count of its events', 'statistics', { Poll: Miscounted }],
];

for (const [what, chapter, parts] of broken) {
  test(`a backend that ${what} is caught by ‘${chapter}’`, async () => {
    assert.notEqual(await firstFailure(chapter, parts, 300), undefined);
  });
}

test('a backend that is right is not caught', async () => {
  for (const chapter of new Set(broken.map(([, name]) => name))) {
    assert.equal(await firstFailure(chapter, {}, 60_000), undefined);
  }
});
