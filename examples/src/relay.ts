import {
  ByteQueue,
  type ByteSink,
  type ByteSource,
  type Filled,
  type Flushed,
} from '@evloop/buffer';

/** Carries bytes from a source to a sink, in order, with a bounded queue in between. */
export class Relay {
  readonly #source: ByteSource;
  readonly #sink: ByteSink;
  readonly #queue = new ByteQueue({ limit: 0x40000 });

  constructor(source: ByteSource, sink: ByteSink) {
    this.#source = source;
    this.#sink = sink;
  }

  /**
   * Carries what can be carried now, up to a bound.
   *
   * @returns `'wait'`: one of the two would block, and the event is certain to come; `'again'`: more can be carried at
   * once; `'end'`: the source has ended and the sink has taken everything.
   */
  step(): 'wait' | 'again' | 'end' {
    let filled: Filled;
    let flushed: Flushed;
    try {
      filled = this.#queue.fillFrom(this.#source);
    } finally {
      // Also when the source has failed: what came before is not lost.
      flushed = this.#queue.flushTo(this.#sink);
    }
    if (filled === 'end') return flushed === 'empty' ? 'end' : 'wait';
    // A full queue has armed nothing on the side of the source: go on as soon as the sink has made room.
    if (filled === 'full') return this.#queue.room > 0 ? 'again' : 'wait';
    return 'wait';
  }
}
