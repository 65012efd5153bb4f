import type { Socket } from 'node:net';

/**
 * The most that a socket holds back for a peer that does not read, and the high-water mark of the
 * sockets, so that a full window is always followed by `'drain'`.
 */
export const SEND_WINDOW = 65536;

const SLAB_SIZE = 2 * SEND_WINDOW;

/**
 * What the slab begins with, unused: half a page. Allocators like to place it right behind the
 * buffer of the program, so that both would have the same offset in their pages but for 16 bytes,
 * and such copies take up to thirty times as long on some processors ("4K aliasing"): see
 * docs/performance.md.
 */
const SKEW = 2048;

/** So few bytes are copied faster one by one than by way of a view. */
const FEW = 64;

let slab: Buffer = Buffer.alloc(0);
let used = 0;
let staged: Buffer = slab;

/**
 * Writes bytes of the caller's, which are the caller's again when it returns, and returns how many
 * there was room for.
 *
 * Node's `write` keeps the buffer until its bytes are sent, so it is given a copy. Nearly always
 * the kernel takes them all at once, and then the memory of the copy serves again: only what had to
 * wait costs memory.
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
  // The same view serves a run of writes of one size, as an echo makes them.
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
