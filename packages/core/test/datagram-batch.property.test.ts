import assert from 'node:assert/strict';
import * as fc from 'fast-check';
import { test } from 'vitest';
import { encodeName, META_STRIDE, NAME_STRIDE } from '../src/backend.ts';
import { DatagramBatch, type SocketAddress } from '../src/index.ts';

const CAPACITY = 4;
const SLOT = 16;

const addresses: readonly SocketAddress[] = [
  { address: '127.0.0.1', port: 9, family: 'IPv4' },
  { address: '10.1.2.3', port: 65_535, family: 'IPv4' },
  { address: '::1', port: 1, family: 'IPv6' },
  { address: 'fe80::1%3', port: 80, family: 'IPv6' },
];

/** What a message must be. */
interface Message {
  readonly bytes: number[];
  address: SocketAddress | undefined;
  readonly segment: number;
  readonly truncated: boolean;
}

const message = fc.record({
  bytes: fc.array(fc.integer({ min: 0, max: 255 }), { maxLength: 2 * SLOT }),
  address: fc.option(fc.constantFrom(...addresses), { nil: undefined }),
  segment: fc.constantFrom(0, 1, 5, 65_535),
  truncated: fc.boolean(),
});

type Step =
  | { readonly deed: 'push' | 'receive'; readonly messages: readonly Message[] }
  | { readonly deed: 'reply' | 'clear' | 'push to' | 'send' | 'send a part' | 'address anew' };

const step: fc.Arbitrary<Step> = fc.oneof(
  fc.record({
    deed: fc.constantFrom('push' as const, 'receive' as const),
    messages: fc.array(message, { minLength: 1, maxLength: CAPACITY }),
  }),
  fc.record({
    deed: fc.constantFrom(
      'reply' as const,
      'clear' as const,
      'push to' as const,
      'send' as const,
      'send a part' as const,
      'address anew' as const,
    ),
  }),
);

/** A batch as a list. */
class Model {
  readonly batch = new DatagramBatch({ capacity: CAPACITY, slotSize: SLOT });
  /** Another, whose only message has been received from the last of the addresses. */
  readonly from = new DatagramBatch({ capacity: 1, slotSize: SLOT });
  messages: Message[] = [];
  outgoing = true;
  sent = 0;
  #end = 0;

  constructor() {
    receive(this.from, [{ ...empty, address: addresses[3] }]);
  }

  do(step: Step): void {
    if (step.deed === 'receive') this.#receive(step.messages);
    else if (step.deed === 'push') this.#pushAll(step.messages);
    else if (step.deed === 'push to') this.#pushTo();
    else if (step.deed === 'reply') this.#reply();
    else if (step.deed === 'clear') this.#clear();
    else if (step.deed === 'send') this.#send();
    else if (step.deed === 'send a part') this.#sendPart();
    else this.#addressAnew();
  }

  /** Everything that the batch tells is what it must be. */
  check(): void {
    const { batch, messages } = this;
    assert.deepEqual(
      [batch.length, batch.sent, batch.outgoing],
      [messages.length, this.sent, this.outgoing],
    );
    for (const [i, { bytes, address, segment, truncated }] of messages.entries()) {
      assert.deepEqual([...batch.view(i)], bytes);
      assert.ok(batch.offset(i) + batch.size(i) <= batch.data.length);
      assert.deepEqual([batch.segmentSize(i), batch.truncated(i)], [segment, truncated]);
      assert.equal(batch.hasAddress(i), address !== undefined);
      if (address === undefined) assert.throws(() => batch.address(i), TypeError);
      else assert.deepEqual(batch.address(i), address);
      assert.equal(batch.sameAddress(i, this.from, 0), address === addresses[3]);
    }
    for (const i of [-1, 0.5, messages.length, Number.NaN])
      assert.throws(() => batch.size(i), RangeError);
  }

  #receive(messages: readonly Message[]): void {
    this.messages = messages.map((each) => ({
      ...each,
      bytes: each.bytes.slice(0, SLOT),
      address: each.address ?? addresses[0],
    }));
    receive(this.batch, this.messages);
    this.outgoing = false;
    this.sent = 0;
  }

  #pushAll(messages: readonly Message[]): void {
    for (const each of messages) {
      const { bytes, address, segment } = each;
      this.#push(each, () => this.batch.push(Uint8Array.from(bytes), address, segment));
    }
  }

  #pushTo(): void {
    const expected = { ...empty, bytes: [7], address: addresses[3] };
    this.#push(expected, () => this.batch.pushTo(Uint8Array.of(7), this.from, 0));
  }

  #reply(): void {
    this.batch.reply();
    if (!this.outgoing) this.#end = this.messages.length * SLOT;
    this.outgoing = true;
    this.messages = this.messages.map((each) => ({ ...each, truncated: false }));
  }

  #clear(): void {
    this.batch.clear();
    this.messages = [];
    this.outgoing = true;
    this.sent = 0;
    this.#end = 0;
  }

  #send(): void {
    if (!this.outgoing) {
      assert.throws(() => this.batch.took(1), TypeError);
    } else if (this.sent < this.messages.length) {
      this.batch.took(1);
      this.sent++;
    }
  }

  #addressAnew(): void {
    const copy = (): void => this.batch.copyAddress(0, this.from, 0);
    const [first] = this.messages;
    if (!this.outgoing || first === undefined) {
      assert.throws(copy, this.outgoing ? RangeError : TypeError);
      return;
    }
    copy();
    first.address = addresses[3];
  }

  #push(each: Message, push: () => boolean): void {
    if (!this.outgoing) {
      assert.throws(push, TypeError);
      return;
    }
    const fits =
      this.messages.length < CAPACITY && this.#end + each.bytes.length <= CAPACITY * SLOT;
    assert.equal(push(), fits);
    if (!fits) return;
    this.messages.push({ ...each, truncated: false });
    this.#end += each.bytes.length;
  }

  #sendPart(): void {
    const next = this.messages[this.sent];
    if (!this.outgoing || next === undefined || next.bytes.length === 0) return;
    this.batch.shorten(this.sent, 1);
    this.messages[this.sent] = { ...next, bytes: next.bytes.slice(1) };
  }
}

const empty: Message = { bytes: [], address: undefined, segment: 0, truncated: false };

/** Fills a batch as a backend does. */
function receive(batch: DatagramBatch, messages: readonly Message[]): void {
  for (const [i, { bytes, address, segment, truncated }] of messages.entries()) {
    batch.data.set(bytes, i * SLOT);
    encodeName(address as SocketAddress, batch.names, i * NAME_STRIDE);
    batch.meta.set([bytes.length, truncated ? 0x20 : 0, segment, 12, 1], i * META_STRIDE);
  }
  batch.received(messages.length);
}

test('a batch tells what was put into it, whatever is done with it in which order', () => {
  fc.assert(
    fc.property(fc.array(step, { maxLength: 25 }), (steps) => {
      const model = new Model();
      for (const each of steps) {
        model.do(each);
        model.check();
      }
    }),
    { numRuns: 300 },
  );
});
