import type { Event, Events, WouldBlock } from '@evloop/core';
import { mixWord } from '../choice/hash.ts';
import type { Host } from '../host/host.ts';
import type { Packet } from '../network/packet.ts';
import {
  describeEntry,
  EVENT_BITS,
  type TraceEntry,
  type TraceKind,
  type TraceLine,
} from './trace-entry.ts';

/** So many of the last entries are kept for the message of a failure. */
const LAST = 20;
/** The events of a poll with more are not kept, unless the whole trace is. */
const MOST_EVENTS = 8;

/** Is told of packets, for captures. */
export interface PacketWatcher {
  sent(packet: Packet, arrivesAt: number): void;
}

/** What a trace calls a source. */
export interface TracedSource {
  readonly label: string;
  readonly serial: number;
}

interface Clock {
  readonly now: number;
}

/** Records what happens, as a hash and as the last entries, or all of them. */
export class Trace {
  readonly #clock: Clock;
  readonly #all: boolean;
  readonly #entries: TraceEntry[] = [];
  #count = 0;
  #high = 1;
  #low = 2;
  watcher: PacketWatcher | undefined;
  /** What was hashed last, for the comparison of two runs. */
  constructor(clock: Clock, all: boolean) {
    this.#clock = clock;
    this.#all = all;
  }

  /** The number of entries so far. */
  get length(): number {
    return this.#count;
  }

  /** The hash of everything so far: 16 hexadecimal digits. */
  get hash(): string {
    return [this.#high, this.#low]
      .map((word) => (word >>> 0).toString(16).padStart(8, '0'))
      .join('');
  }

  /** The entries that were kept, in words: the last 20, or all. */
  lines(): TraceLine[] {
    const { length } = this.#entries;
    if (this.#all || this.#count <= length) return this.#entries.map(describeEntry);
    const first = this.#count % length;
    return [...this.#entries.slice(first), ...this.#entries.slice(0, first)].map(describeEntry);
  }

  /** A poll has answered. */
  polled(host: Host, events: Events): void {
    let hash = 0;
    const seen: number[] = [];
    const keeps = this.#all || events.length <= MOST_EVENTS;
    for (let i = 0; i < events.length; i++) {
      const event = events.at(i);
      if (event === undefined) break;
      hash = mixWord(hash, event.token);
      hash = mixWord(hash, Number(event.readable) + 2 * Number(event.writable));
      hash = mixWord(hash, Number(event.error) + 2 * Number(event.readClosed));
      if (keeps) seen.push(event.token, bitsOf(event));
    }
    this.#add('poll', host, events.length, hash, seen);
  }

  /** The program has tried an operation. */
  operation(host: Host, source: TracedSource, name: string, result: number | WouldBlock): void {
    const size = typeof result === 'number' ? result : -1;
    this.#add('operation', host, source.serial, size, source, name);
  }

  sent(packet: Packet, arrivesAt: number): void {
    this.watcher?.sent(packet, arrivesAt);
    this.#add('send', packet.from, packet.id, arrivesAt, packet);
  }

  arrived(packet: Packet): void {
    this.#add('arrive', packet.to, packet.id, 0, packet);
  }

  lost(packet: Packet, why: string): void {
    this.#add('lose', packet.to, packet.id, why.length, packet, why);
  }

  /** Something else that is worth knowing. */
  note(host: Host | undefined, text: string): void {
    this.#add('note', host, text.length, 0, text);
  }

  #add(
    kind: TraceKind,
    host: Host | undefined,
    a: number,
    b: number,
    about: TraceEntry['about'],
    name = '',
  ): void {
    const { now } = this.#clock;
    const number = host?.number ?? -1;
    let low = mixWord(this.#low, now | 0);
    low = mixWord(low, a | 0);
    let high = mixWord(this.#high ^ low, (now / 2 ** 32) | 0);
    high = mixWord(high, kind.charCodeAt(0) + 256 * number);
    low = mixWord(low ^ high, b | 0);
    low = mixWord(low, (b / 2 ** 32) | 0);
    this.#low = low;
    this.#high = high;
    const entry: TraceEntry = { time: now, kind, host, a, b, about, name };
    if (this.#all || this.#entries.length < LAST) this.#entries.push(entry);
    else this.#entries[this.#count % LAST] = entry;
    this.#count++;
  }
}

function bitsOf(event: Event): number {
  let bits = 0;
  for (let bit = 0; bit < EVENT_BITS.length; bit++) {
    if (event[EVENT_BITS[bit] as (typeof EVENT_BITS)[number]]) bits |= 1 << bit;
  }
  return bits;
}
