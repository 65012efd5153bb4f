// node gibibyte.mjs: prints 1 GiB in which no two blocks are equal.
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { fileURLToPath } from 'node:url';

const BLOCK = 2 ** 18;
const BLOCKS = 2 ** 12;

/** @returns {Generator<Buffer>} the bytes, in blocks that each begin with their number. */
export function* gibibyte() {
  const pattern = Buffer.alloc(BLOCK);
  for (let i = 0, state = 1; i < BLOCK; i++) {
    state = (Math.imul(state, 1664525) + 1013904223) | 0;
    pattern[i] = state >>> 24;
  }
  for (let i = 0; i < BLOCKS; i++) {
    const block = Buffer.from(pattern);
    block.writeUInt32LE(i);
    yield block;
  }
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  await pipeline(Readable.from(gibibyte()), process.stdout);
}
