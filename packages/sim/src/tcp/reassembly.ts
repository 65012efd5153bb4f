interface Piece {
  readonly offset: number;
  readonly data: Uint8Array;
}

/** Data that arrived before the data in front of it. */
export class Reassembly {
  readonly #pieces: Piece[] = [];

  get empty(): boolean {
    return this.#pieces.length === 0;
  }

  /** Keeps data that starts behind what is expected next. */
  add(offset: number, data: Uint8Array): void {
    const at = this.#pieces.findIndex((piece) => piece.offset > offset);
    this.#pieces.splice(at < 0 ? this.#pieces.length : at, 0, { offset, data });
  }

  /** Takes the bytes that start at `expected`, where there are some. */
  take(expected: number): Uint8Array | undefined {
    for (;;) {
      const first = this.#pieces[0];
      if (first === undefined || first.offset > expected) return undefined;
      this.#pieces.shift();
      const known = expected - first.offset;
      if (known < first.data.length) return first.data.subarray(known);
    }
  }
}
