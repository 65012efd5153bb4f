import { byteLengthOf } from '@evloop/core/backend';
import { sharedWords as words } from './binding.ts';

/** Calls a getter of all typed arrays: a program may define another property on its array. */
function getter<T>(name: string | symbol): (array: Uint8Array) => T {
  const typedArray = Object.getPrototypeOf(Uint8Array.prototype);
  const { get } = Object.getOwnPropertyDescriptor(typedArray, name) as PropertyDescriptor;
  return Function.prototype.call.bind(get as () => T);
}

const memoryOf = getter<ArrayBufferLike>('buffer');
const kindOf = getter<string | undefined>(Symbol.toStringTag);

/**
 * An array whose memory the native layer has noted, so that a call need not pass it.
 *
 * Memory safety of the calls without arguments rests on {@link holds}: the noted memory is that of
 * this array, this object keeps the array alive, and the array still covers the range.
 */
export class Pin {
  readonly #word: number;
  #array: Uint8Array | undefined;
  #count = 0;
  #length = 0;

  /** @param word the shared word that counts how often the native layer has noted memory. */
  constructor(word: number) {
    this.#word = word;
  }

  /** The length of the array when it was noted, in bytes. */
  get length(): number {
    return this.#length;
  }

  /**
   * Whether the noted memory is that of `array`, and `array` has `end` bytes or more.
   *
   * Another copy of this module in the thread may have noted other memory, which the counter shows.
   * A detached array has length 0, and one that was resized has its present length.
   */
  holds(array: Uint8Array, end: number): boolean {
    return (
      array === this.#array &&
      words[this.#word] === this.#count &&
      byteLengthOf(array) >= end &&
      end > 0
    );
  }

  /** Prepares `array` for a call that notes it. @returns `array`. */
  take(array: Uint8Array): Uint8Array {
    this.#array = undefined;
    // JavaScriptCore moves the bytes of a small array when a program first asks for its buffer.
    if (kindOf(array) === 'Uint8Array') memoryOf(array);
    return array;
  }

  /** Remembers `array`, which the call that returned `result` has noted. @returns `result`. */
  keep(array: Uint8Array, result: number): number {
    this.#array = array;
    this.#count = words[this.#word] as number;
    this.#length = byteLengthOf(array);
    return result;
  }
}
