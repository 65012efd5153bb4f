/** Random numbers that a seed repeats (mulberry32). */
export class Random {
  #state: number;

  constructor(seed: number) {
    this.#state = seed;
  }

  /** Returns a whole number from 0 and below `limit`. */
  below(limit: number): number {
    this.#state = (this.#state + 0x6d2b79f5) | 0;
    let bits = Math.imul(this.#state ^ (this.#state >>> 15), 1 | this.#state);
    bits = (bits + Math.imul(bits ^ (bits >>> 7), 61 | bits)) ^ bits;
    return ((bits ^ (bits >>> 14)) >>> 0) % limit;
  }

  /** Returns one of `values`. */
  of<T>(values: readonly T[]): T {
    return values[this.below(values.length)] as T;
  }
}

const NUMBERS = ['-1', '0', '1', '65536', '2147483648', '4294967295', '18446744073709551616'];

/** Returns a message of `corpus`, damaged in up to three places. */
export function mutated(corpus: readonly Buffer[], random: Random): Buffer {
  let message = random.of(corpus);
  for (let i = random.below(4); i > 0; i--) message = damaged(message, corpus, random);
  return message;
}

function damaged(message: Buffer, corpus: readonly Buffer[], random: Random): Buffer {
  const at = random.below(message.length + 1);
  const [head, tail] = [message.subarray(0, at), message.subarray(at)];
  switch (random.below(6)) {
    case 0:
      return Buffer.concat([head, Buffer.of(random.below(256)), tail.subarray(1)]);
    case 1:
      return Buffer.concat([head, Buffer.from(random.of(NUMBERS)), tail]);
    case 2:
      return Buffer.concat([head, random.of(corpus), tail]);
    case 3:
      return Buffer.concat([head, tail.subarray(random.below(8))]);
    case 4:
      return Buffer.concat([head, Buffer.alloc(random.below(300), random.below(256)), tail]);
    default:
      return head;
  }
}
