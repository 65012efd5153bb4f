import assert from 'node:assert/strict';
import { type Interest, Ready, type Token } from '@evloop/core';
import type { Seen } from '../context.ts';
import { UserSource } from '../user-source.ts';
import { type Bits, ModelSource } from './model-source.ts';

const UNMASKED = Ready.ERROR | Ready.READ_CLOSED | Ready.WRITE_CLOSED;

/** A source in user space. Its events follow exactly from the calls. */
export class ModelUserSource extends ModelSource {
  readonly #user: UserSource;
  #condition: Ready = 0;
  #disarmed: Ready = 0;
  #pending: Ready = 0;

  constructor(name: string) {
    const user = new UserSource();
    super(name, user);
    this.#user = user;
  }

  override get owed(): Bits {
    return this.interest === undefined ? {} : toBits(this.#pending);
  }

  setReady(bits: Ready): void {
    this.#user.readiness.set(bits);
    this.#condition |= bits;
    this.#edge(bits & ~this.#disarmed);
  }

  clearReady(bits: Ready): void {
    this.#user.readiness.clear(bits);
    this.#condition &= ~bits;
    this.#pending &= ~bits;
    this.#disarmed &= ~bits;
  }

  pulse(bits: Ready): void {
    this.#user.readiness.pulse(bits);
    this.#edge(bits);
  }

  close(): void {
    this.#user.close();
    if (!this.closed) this.end();
  }

  override report(event: Seen): void {
    super.report(event);
    const { token: _, ...bits } = event;
    assert.deepEqual(bits, toBits(this.#pending), this.name);
    this.#pending = 0;
  }

  protected override set(token: Token, interest: Interest): void {
    super.set(token, interest);
    this.#pending = 0;
    this.#disarmed = 0;
    this.#edge(this.#condition);
  }

  #edge(bits: Ready): void {
    if (this.interest === undefined) return;
    const edge = bits & (this.interest | UNMASKED);
    this.#pending |= edge;
    this.#disarmed |= edge;
  }
}

function toBits(ready: Ready): Required<Bits> {
  return {
    readable: (ready & Ready.READABLE) !== 0,
    writable: (ready & Ready.WRITABLE) !== 0,
    error: (ready & Ready.ERROR) !== 0,
    readClosed: (ready & Ready.READ_CLOSED) !== 0,
    writeClosed: (ready & Ready.WRITE_CLOSED) !== 0,
    priority: (ready & Ready.PRIORITY) !== 0,
  };
}
