import type { Socket } from 'node:net';

/**
 * The most bytes that a socket holds back for a peer that does not read. It is also the high-water
 * mark of the sockets, so `'drain'` always follows a full window.
 */
export const SEND_WINDOW = 65536;

const SLAB_SIZE = 2 * SEND_WINDOW;

/**
 * Unused bytes at the beginning of the slab: half a page. Allocators tend to place it right behind
 * the program's buffer, so both would have nearly the same offset in their pages. Such copies take
 * up to 30 times as long on some processors ("4K aliasing"): see docs/performance.md.
 */
const SKEW = 2048;

/** Up to this size, copying byte by byte is faster than through a view. */
const FEW = 64;

let slab: Buffer = Buffer.alloc(0);
let used = 0;
let staged: Buffer = slab;

/**
 * Writes as many bytes as there is room for, and returns their number. When it returns, the buffer
 * belongs to the caller again.
 *
 * Node's `write` keeps its buffer until the bytes are sent, so it gets a copy. Nearly always, the
 * kernel takes all bytes at once, and the memory of the copy is used again. Only bytes that must
 * wait cost memory.
 */
export function send(socket: Socket, bytes: Uint8Array, offset: number, length: number): number {
  let sent = 0;
  do {
    const waiting = socket.writableLength;
    const size = Math.min(length - sent, SEND_WINDOW - waiting);
    if (size <= 0) break;
    if (waiting > 0) socket.write(copyOf(bytes, offset + sent, size));
    else sendStaged(socket, bytes, offset + sent, size);
    sent += size;
  } while (sent < length && socket.writable);
  return sent;
}

function sendStaged(socket: Socket, bytes: Uint8Array, offset: number, size: number): void {
  if (size > slab.length - used) {
    slab = Buffer.allocUnsafeSlow(SKEW + SLAB_SIZE);
    used = SKEW;
    staged = slab.subarray(used, used);
  }
  // The same view serves a run of writes of one size, as an echo server makes them.
  if (staged.length !== size) staged = slab.subarray(used, used + size);
  copyInto(staged, bytes, offset, size);
  socket.write(staged);
  if (socket.writableLength === 0) return;
  used += size;
  staged = slab.subarray(used, used);
}

function copyOf(bytes: Uint8Array, offset: number, size: number): Buffer {
  const copy = Buffer.allocUnsafe(size);
  copyInto(copy, bytes, offset, size);
  return copy;
}

function copyInto(target: Buffer, bytes: Uint8Array, offset: number, size: number): void {
  if (size === bytes.length) target.set(bytes);
  else if (size > FEW) target.set(new Uint8Array(bytes.buffer, bytes.byteOffset + offset, size));
  else for (let i = 0; i < size; i++) target[i] = bytes[offset + i] as number;
}
