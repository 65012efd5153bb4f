import assert from 'node:assert/strict';
import type { Interest, Registry, Source, Token } from '@evloop/core';
import type { Seen } from '../context.ts';

/** Some bits of an event. */
export type Bits = { -readonly [Bit in Exclude<keyof Seen, 'token'>]?: boolean };

/** A source, and the contract's view of its registration. */
export abstract class ModelSource {
  readonly name: string;
  readonly source: Source;
  token: Token | undefined;
  /** Undefined while it is not registered. */
  interest: Interest | undefined;
  closed = false;
  /** The directions whose next readiness is an edge. */
  readonly armed: Bits = {};

  constructor(name: string, source: Source) {
    this.name = name;
    this.source = source;
  }

  /** The bits that must be reported sooner or later, if nothing else happens. */
  abstract get owed(): Bits;

  register(registry: Registry, token: Token, interest: Interest): void {
    const expected = this.interest === undefined ? undefined : 'EVLOOP_ALREADY_REGISTERED';
    if (this.#tried(() => registry.register(this.source, token, interest), expected)) {
      this.set(token, interest);
    }
  }

  reregister(registry: Registry, token: Token, interest: Interest): void {
    if (this.#tried(() => registry.reregister(this.source, token, interest), this.#unregistered)) {
      this.set(token, interest);
    }
  }

  deregister(registry: Registry): void {
    if (this.#tried(() => registry.deregister(this.source), this.#unregistered))
      this.interest = undefined;
  }

  /** Called for an event with its token. */
  report(event: Seen): void {
    const { interest } = this;
    assert.ok(interest !== undefined, `${this.name} is not registered, but was reported`);
    assert.ok(
      !event.readable || (interest & 1) !== 0,
      `${this.name}: readable is not in the interest`,
    );
    assert.ok(
      !event.writable || (interest & 2) !== 0,
      `${this.name}: writable is not in the interest`,
    );
    for (const bit of Object.keys(this.armed) as (keyof Bits)[]) {
      if (event[bit]) this.armed[bit] = false;
    }
  }

  protected set(token: Token, interest: Interest): void {
    this.token = token;
    this.interest = interest;
    this.armed.readable = true;
    this.armed.writable = true;
    this.armed.readClosed = true;
  }

  /** Called when it was closed. */
  protected end(): void {
    this.closed = true;
    this.interest = undefined;
  }

  /** Calls `act`, and returns its result or error. */
  protected attempt<T>(act: () => T): T | Error {
    try {
      return act();
    } catch (error) {
      assert.ok(error instanceof Error);
      return error;
    }
  }

  get #unregistered(): string | undefined {
    return this.interest === undefined ? 'EVLOOP_NOT_REGISTERED' : undefined;
  }

  #tried(act: () => void, expected: string | undefined): boolean {
    const wanted = this.closed ? 'EVLOOP_CLOSED' : expected;
    const result = this.attempt(act);
    const code = (result as { code?: string } | undefined)?.code;
    assert.equal(
      code,
      wanted,
      `${this.name}: ${result instanceof Error ? result.message : 'done'}`,
    );
    return wanted === undefined;
  }
}
