import type { Event, Token } from '@evloop/core';

/** The booleans of an event in one number, for events that are handled after their batch. */
export type ReadyBits = number;

const READABLE = 1;
const WRITABLE = 2;
const PRIORITY = 4;
const ERROR = 8;
const READ_CLOSED = 16;
const WRITE_CLOSED = 32;

/** Returns the booleans of `event` as one number. */
export function bitsOf(event: Event): ReadyBits {
  return (
    (event.readable ? READABLE : 0) |
    (event.writable ? WRITABLE : 0) |
    (event.priority ? PRIORITY : 0) |
    (event.error ? ERROR : 0) |
    (event.readClosed ? READ_CLOSED : 0) |
    (event.writeClosed ? WRITE_CLOSED : 0)
  );
}

/** An event that shows a number of {@link bitsOf}. One serves all: it is valid during one call. */
export class QueuedEvent implements Event {
  token: Token = 0 as Token;
  bits: ReadyBits = 0;

  /** Shows another event from now on. */
  show(token: Token, bits: ReadyBits): this {
    this.token = token;
    this.bits = bits;
    return this;
  }

  get readable(): boolean {
    return (this.bits & READABLE) !== 0;
  }
  get writable(): boolean {
    return (this.bits & WRITABLE) !== 0;
  }
  get priority(): boolean {
    return (this.bits & PRIORITY) !== 0;
  }
  get error(): boolean {
    return (this.bits & ERROR) !== 0;
  }
  get readClosed(): boolean {
    return (this.bits & READ_CLOSED) !== 0;
  }
  get writeClosed(): boolean {
    return (this.bits & WRITE_CLOSED) !== 0;
  }
}
