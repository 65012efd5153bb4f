/** Two 32-bit words that stand for a text. */
export interface HashKey {
  readonly high: number;
  readonly low: number;
}

/** One more than the greatest result of {@link keyedHash}. */
export const HASH_RANGE: number = 2 ** 53;

const PRIME_A = 2654435761;
const PRIME_B = 1597334677;

/**
 * Hashes a text. Replay files depend on the result, so it must stay the same in every version.
 */
export function hashText(text: string): HashKey {
  let low = 0xdeadbeef | 0;
  let high = 0x41c6ce57 | 0;
  for (let i = 0; i < text.length; i++) {
    const unit = text.charCodeAt(i);
    low = Math.imul(low ^ unit, PRIME_A);
    high = Math.imul(high ^ unit, PRIME_B);
  }
  return { high: finish(high ^ low), low: finish(low ^ Math.imul(high, PRIME_A)) };
}

/**
 * Hashes a seed, a key and a number (an integer from 0 to 2^53 - 1) to an integer from 0 to
 * 2^53 - 1. Replay files depend on the result, so it must stay the same in every version.
 */
export function keyedHash(seed: HashKey, key: HashKey, ordinal: number): number {
  const upper = (ordinal / 2 ** 32) | 0;
  let a = finish(seed.low ^ Math.imul(key.low, PRIME_A) ^ (ordinal | 0));
  let b = finish(seed.high ^ Math.imul(key.high, PRIME_B) ^ Math.imul(upper + 1, PRIME_A));
  a = finish(a ^ Math.imul(b, PRIME_B));
  b = finish(b ^ Math.imul(a, PRIME_A));
  return (b & 0x1fffff) * 2 ** 32 + (a >>> 0);
}

/** Mixes a word into a running 32-bit hash. */
export function mixWord(hash: number, word: number): number {
  let mixed = Math.imul(hash ^ word, PRIME_A);
  mixed ^= mixed >>> 15;
  return mixed;
}

/** The finalizer of MurmurHash3: each bit of `word` changes half of the result's. */
function finish(word: number): number {
  let mixed = word;
  mixed = Math.imul(mixed ^ (mixed >>> 16), 0x85ebca6b);
  mixed = Math.imul(mixed ^ (mixed >>> 13), 0xc2b2ae35);
  return mixed ^ (mixed >>> 16);
}
