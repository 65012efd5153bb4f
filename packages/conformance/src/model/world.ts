import assert from 'node:assert/strict';
import { Events, type Interest, type Ready, Token, Waker } from '@evloop/core';
import { type Context, copy, type Seen } from '../context.ts';
import type { SuiteClock } from '../suite-options.ts';
import { type Bits, ModelSource } from './model-source.ts';
import { ModelStream } from './model-stream.ts';
import { ModelUserSource } from './model-user-source.ts';

/** A waker. It owes an event after a wake. */
class ModelWaker extends ModelSource {
  woken = false;

  override get owed(): Bits {
    return { readable: this.woken };
  }
  override report(): void {
    assert.ok(this.woken, 'the waker was not woken, but reported');
    this.woken = false;
  }
}

/** Waits as long as there is progress, so that a busy machine gets enough time. */
class Patience {
  readonly #patienceMs: number;
  readonly #clock: SuiteClock;
  #deadline: number;
  #state = '';

  constructor(patienceMs: number, clock: SuiteClock) {
    this.#patienceMs = patienceMs;
    this.#clock = clock;
    this.#deadline = this.#clock.now() + patienceMs;
  }

  /** A changed `state` means progress. */
  check(state: string, message: string): void {
    if (state !== this.#state) this.#deadline = this.#clock.now() + this.#patienceMs;
    this.#state = state;
    assert.ok(this.#clock.now() < this.#deadline, message);
  }
}

/**
 * The objects that a random program works on: a poll, two connections (sources 0 and 1, 2 and 3),
 * two sources in user space (4 and 5) and a waker. Each method does something to the real objects
 * and to the model, and compares.
 */
export class World {
  readonly #context: Context;
  readonly #sources: readonly ModelSource[];
  readonly #waker: Waker;
  readonly #modelWaker: ModelWaker;
  #nextToken = 100;

  private constructor(context: Context, sources: readonly ModelSource[]) {
    this.#context = context;
    this.#sources = sources;
    this.#waker = context.own(new Waker(context.registry, Token(0)));
    this.#modelWaker = new ModelWaker('the waker', {
      register() {},
      reregister() {},
      deregister() {},
    });
    this.#modelWaker.token = Token(0);
  }

  static async open(context: Context): Promise<World> {
    const sources: ModelSource[] = [];
    const listener = await context.listen();
    for (const first of [0, 2]) {
      const { client, server } = await context.pair(listener);
      const ends = [
        new ModelStream(`source ${first}`, client, first),
        new ModelStream(`source ${first + 1}`, server, first + 1),
      ] as const;
      ends[0].peer = ends[1];
      ends[1].peer = ends[0];
      sources.push(...ends);
    }
    listener.close();
    sources.push(new ModelUserSource('source 4'), new ModelUserSource('source 5'));
    return new World(context, sources);
  }

  register(source: number, interest: Interest): void {
    this.#source(source).register(this.#context.registry, Token(this.#nextToken++), interest);
  }

  reregister(source: number, interest: Interest): void {
    this.#source(source).reregister(this.#context.registry, Token(this.#nextToken++), interest);
  }

  deregister(source: number): void {
    this.#source(source).deregister(this.#context.registry);
  }

  read(source: number, size: number): void {
    this.#stream(source).read(size);
  }

  write(source: number, size: number): void {
    this.#stream(source).write(size);
  }

  /** Reads until there is nothing more, at most a hundred times. */
  drain(source: number): void {
    const stream = this.#stream(source);
    for (let i = 0; i < 100 && stream.read(5000); i++);
  }

  /** Writes until there is no room, at most a hundred times. */
  fill(source: number): void {
    const stream = this.#stream(source);
    for (let i = 0; i < 100 && stream.write(50_000); i++);
  }

  shutdown(source: number): void {
    this.#stream(source).shutdown();
  }

  close(source: number): void {
    (this.#source(source) as ModelStream | ModelUserSource).close();
  }

  setReady(source: number, bits: Ready): void {
    this.#user(source).setReady(bits);
  }

  clearReady(source: number, bits: Ready): void {
    this.#user(source).clearReady(bits);
  }

  pulse(source: number, bits: Ready): void {
    this.#user(source).pulse(bits);
  }

  wake(): void {
    this.#waker.wake();
    this.#modelWaker.woken = true;
  }

  /** Polls once without waiting, with this capacity. */
  async poll(capacity: number): Promise<void> {
    await this.#poll(capacity, 0);
  }

  /** Polls once, deregisters a source, and then reads the events. */
  async pollAndDeregister(source: number): Promise<void> {
    const letGo = this.#source(source);
    await this.#poll(8, 0, () => {
      if (letGo.interest !== undefined) letGo.deregister(this.#context.registry);
    });
  }

  /** Polls until everything that is owed was reported. */
  async settle(): Promise<void> {
    const patience = new Patience(this.#context.timing.patienceMs, this.#context.clock);
    while (true) {
      const owed = this.#owed();
      if (owed === '') return;
      patience.check(owed, `never reported:\n${owed}`);
      await this.#poll(3, 2);
    }
  }

  /** Reads everything until nothing more can come. Then nothing more may be reported. */
  async finish(): Promise<void> {
    await this.settle();
    const streams = this.#sources.filter((source) => source instanceof ModelStream);
    const patience = new Patience(this.#context.timing.patienceMs, this.#context.clock);
    while (true) {
      for (const stream of streams) {
        while (!stream.complete && stream.read(65536));
      }
      const missing = streams.filter((stream) => !stream.complete);
      if (missing.length === 0) break;
      const names = missing.map(({ name }) => name).join(', ');
      const unread = missing.map((stream) => stream.unread).join();
      patience.check(unread, `not everything arrived at ${names}`);
      await this.#poll(8, 0);
    }
    await this.settle();
    for (let polls = 0, quiet = 0; quiet < 3; polls++) {
      assert.ok(polls < 50, 'events come and come, although nothing happens');
      quiet = (await this.#poll(8, 0)) === 0 ? quiet + 1 : 0;
    }
  }

  async #poll(capacity: number, timeoutMs: number, before: () => void = () => {}): Promise<number> {
    const events = new Events(capacity);
    const count = await this.#context.pollOnce(events, timeoutMs);
    before();
    for (const event of Array.from(events, copy)) this.#report(event);
    return count;
  }

  #report(event: Seen): void {
    const sources = [...this.#sources, this.#modelWaker];
    const source = sources.find(({ token }) => token === event.token);
    assert.ok(source !== undefined, `an event with the unknown token ${event.token}`);
    source.report(event);
  }

  #owed(): string {
    const lines = [...this.#sources, this.#modelWaker].flatMap(({ name, owed }) => {
      const bits = Object.entries(owed).flatMap(([bit, on]) => (on ? [bit] : []));
      return bits.length === 0 ? [] : [`  ${name}: ${bits.join(', ')}`];
    });
    return lines.join('\n');
  }

  #source(index: number): ModelSource {
    return this.#sources[index] as ModelSource;
  }

  #stream(index: number): ModelStream {
    const source = this.#source(index);
    assert.ok(source instanceof ModelStream);
    return source;
  }

  #user(index: number): ModelUserSource {
    const source = this.#source(index);
    assert.ok(source instanceof ModelUserSource);
    return source;
  }
}
