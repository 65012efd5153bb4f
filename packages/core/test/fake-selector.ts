import {
  type BlockingSelector,
  DescriptorRegistration,
  type DescriptorSelector,
  isFull,
  pushEvent,
  registrationOf,
} from '../src/backend.ts';
import type { Events, Interest, Ready, Source } from '../src/index.ts';

/** A selector whose clock and readiness the test moves, and which writes down what it was asked. */
export class FakeSelector implements BlockingSelector, DescriptorSelector {
  readonly calls: string[] = [];
  readonly syscalls = { made: 0, saved: 0 };
  readonly ready: [registration: DescriptorRegistration, ready: Ready][] = [];
  asksKernel = true;
  time = 1000;
  /** What the next call of a method throws. */
  failure: Error | undefined;
  /** What happens during `wait`, one entry a call: how far the clock moves. */
  waits: number[] = [];
  #unpark: (() => void) | undefined;
  #turned: (() => void) | undefined;

  get descriptors(): DescriptorSelector {
    return this;
  }
  now(): number {
    return this.time;
  }
  add(registration: DescriptorRegistration, interest: Interest): void {
    this.#call(`add ${registration.fd} ${interest}`);
  }
  modify(registration: DescriptorRegistration, interest: Interest): void {
    this.#call(`modify ${registration.fd} ${interest}`);
  }
  remove(registration: DescriptorRegistration): void {
    this.#call(`remove ${registration.fd}`);
  }
  retry(registration: DescriptorRegistration): void {
    this.#call(`retry ${registration.fd}`);
  }
  select(events: Events): void {
    this.#call('select');
    while (this.ready.length > 0 && !events[isFull]) {
      const [registration, ready] = this.ready.shift() as [DescriptorRegistration, Ready];
      events[pushEvent](registration, ready);
    }
  }
  wait(events: Events, timeoutMs: number | null): void {
    this.#call(`wait ${timeoutMs}`);
    this.time += this.waits.shift() ?? 0;
    while (this.ready.length > 0 && !events[isFull]) {
      const [registration, ready] = this.ready.shift() as [DescriptorRegistration, Ready];
      events[pushEvent](registration, ready);
    }
  }
  park(timeoutMs: number | null, unpark: () => void): void {
    this.#call(`park ${timeoutMs}`);
    if (this.#unpark !== undefined) throw new Error('parked twice');
    this.#unpark = unpark;
  }
  unpark(): void {
    this.calls.push('unpark');
    this.#unpark = undefined;
    this.#turned = undefined;
  }
  turn(turned: () => void): void {
    this.#call('turn');
    if (this.#turned !== undefined) throw new Error('turned twice');
    this.#turned = turned;
  }
  ref(): void {
    this.#call('ref');
  }
  unref(): void {
    this.#call('unref');
  }
  close(): void {
    this.#call('close');
  }

  get parked(): boolean {
    return this.#unpark !== undefined;
  }
  get turning(): boolean {
    return this.#turned !== undefined;
  }
  /** The host's loop comes round, so many milliseconds later. */
  resume(afterMs = 0): void {
    this.time += afterMs;
    const resume = this.#unpark ?? this.#turned;
    this.#unpark = undefined;
    this.#turned = undefined;
    resume?.();
  }
  /** Takes what was called since. */
  take(): string[] {
    return this.calls.splice(0);
  }

  #call(what: string): void {
    this.calls.push(what);
    const failure = this.failure;
    this.failure = undefined;
    if (failure !== undefined) throw failure;
  }
}

/** A leaf source that is nothing but its registration. */
class Leaf extends DescriptorRegistration {
  override readonly source: Source = this;

  constructor(fd: number) {
    super(undefined as unknown as Source, fd);
  }
  get [registrationOf](): DescriptorRegistration {
    return this;
  }
}

/** A leaf source with a descriptor. */
export function descriptor(fd: number): DescriptorRegistration {
  return new Leaf(fd);
}

/** Lets promises that are settled be noticed. */
export async function settle(): Promise<void> {
  for (let i = 0; i < 10; i++) await undefined;
}
