/**
 * For backends: checks the `buffer, offset, length` of a read or a write.
 *
 * @returns the length, which defaults to the rest of the buffer.
 * @throws TypeError when `buffer` is no `Uint8Array` or is detached; RangeError when the range is not within it.
 */
export function checkRange(buffer: Uint8Array, offset: number, length: number | undefined): number {
  // By class, which is fast, or else by tag: arrays of other realms (vm contexts, test runners) are as good.
  if (!(buffer instanceof Uint8Array) && tagOf(buffer) !== '[object Uint8Array]') {
    throw new TypeError('the buffer must be a Uint8Array');
  }
  // The same as `byteLength`, which V8 asks in a slower way.
  const capacity = buffer.length;
  if (capacity === 0) checkAttached(buffer);
  if (!Number.isInteger(offset) || offset < 0 || offset > capacity) {
    throw new RangeError(`offset ${String(offset)} is outside a buffer of ${capacity} bytes`);
  }
  const size = length ?? capacity - offset;
  if (!Number.isInteger(size) || size < 0 || size > capacity - offset) {
    throw new RangeError(
      `length ${String(size)} at offset ${offset} is outside a buffer of ${capacity} bytes`,
    );
  }
  return size;
}

/**
 * For backends: as {@link checkRange}, for reading from a stream, where 0 means end of stream.
 *
 * @throws RangeError also for an empty range, since its result could not be told from the end.
 */
export function checkReadRange(
  buffer: Uint8Array,
  offset: number,
  length: number | undefined,
): number {
  const size = checkRange(buffer, offset, length);
  if (size === 0) {
    throw new RangeError('the buffer to read into is empty: 0 bytes would look like end of stream');
  }
  return size;
}

function tagOf(value: unknown): string {
  return Object.prototype.toString.call(value);
}

// A detached buffer has no bytes left, and no view can be made of it. (ArrayBuffer.prototype.detached is newer than Node 20.)
function checkAttached(buffer: Uint8Array): void {
  try {
    new Uint8Array(buffer.buffer);
  } catch {
    throw new TypeError('the buffer is detached: its memory was transferred');
  }
}
