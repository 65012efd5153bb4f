// Whatever a peer sends, ends and marks as urgent, and however the reader reads and registers: who
// keeps rule 1 comes to the end of the stream.
import { type Events, Interest, Mode, Token, WouldBlock } from '@evloop/core';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { Poll, TcpStream } from '../../src/index.ts';
import { TcpListener } from '../../src/index.ts';
import { native } from '../../src/native/native.ts';
import { bytes, own, tcpPair, watched } from '../support/fixture.ts';

const { READABLE } = Interest;
const MODES = [Mode.EDGE, Mode.EDGE, Mode.LEVEL, Mode.ONESHOT, Mode.EXCLUSIVE];
const buffer = new Uint8Array(4000);

/** Reads as the contract wants it: after an event, until would-block. */
class Reader {
  received = 0;
  ended = false;
  readonly #stream: TcpStream;
  readonly #poll: Poll;
  readonly #events: Events;
  #interest: number;
  #toRead = false;

  constructor(stream: TcpStream, mode: number) {
    this.#stream = stream;
    this.#interest = READABLE | mode;
    const { poll, events } = watched(this.#interest, stream);
    this.#poll = poll;
    this.#events = events;
  }

  register(mode: number): void {
    this.#interest = READABLE | mode;
    this.#poll.registry.reregister(this.#stream, Token(0), this.#interest);
  }

  ask(timeoutMs: number): number {
    const count = this.#poll.pollSync(this.#events, timeoutMs);
    if (count > 0) this.#toRead = true;
    return count;
  }

  /** Reads at the most so many times, if there was an event. */
  read(times: number, how: 'read' | 'readv' | 'peek', size: number): void {
    for (let i = 0; i < times && this.#toRead && !this.ended; i++) {
      const into = buffer.subarray(0, size);
      if (how === 'peek') this.#stream.peek(into);
      const got = how === 'readv' ? this.#stream.readv([into]) : this.#stream.read(into);
      if (got === WouldBlock) {
        this.#toRead = false;
        if ((this.#interest & Mode.ONESHOT) !== 0) this.register(Mode.ONESHOT);
      } else if (got === 0) this.ended = true;
      else this.received += got;
    }
  }

  finish(): void {
    while (!this.ended) {
      this.read(Infinity, 'read', buffer.length);
      if (!this.ended) expect(this.ask(3000)).toBe(1);
    }
  }
}

const step = fc.oneof(
  fc.record({ do: fc.constant('send' as const), size: fc.integer({ min: 1, max: 5000 }) }),
  fc.record({ do: fc.constant('urgent' as const) }),
  fc.record({ do: fc.constant('ask' as const) }),
  fc.record({
    do: fc.constant('read' as const),
    times: fc.integer({ min: 1, max: 4 }),
    how: fc.constantFrom('read' as const, 'read' as const, 'readv' as const, 'peek' as const),
    size: fc.integer({ min: 1, max: buffer.length }),
  }),
  fc.record({ do: fc.constant('register' as const), mode: fc.constantFrom(...MODES) }),
);

test('who keeps rule 1 comes to the end, with every byte', () => {
  const listener = own(TcpListener.bind('127.0.0.1:0'));
  const program = fc.array(step, { maxLength: 40 });
  fc.assert(
    fc.property(fc.constantFrom(...MODES), program, (mode, steps) => {
      const { client, server } = tcpPair(listener);
      const reader = new Reader(server, mode);
      let sent = 0;
      for (const each of steps) {
        if (each.do === 'send') sent += client.write(new Uint8Array(each.size)) as number;
        if (each.do === 'urgent') {
          native.send(client.fd, bytes('!'), 0, 1, native.constants.MSG_OOB);
        }
        if (each.do === 'ask') reader.ask(0);
        if (each.do === 'read') reader.read(each.times, each.how, each.size);
        if (each.do === 'register') reader.register(each.mode);
      }
      client.shutdown('write');
      reader.finish();
      // Urgent bytes come in line when they are followed by others.
      expect(reader.received).toBeGreaterThanOrEqual(sent);
      client.close();
      server.close();
    }),
    { numRuns: 1000 },
  );
}, 120_000);
