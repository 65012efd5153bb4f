import { afterEach, expect } from 'vitest';
import { NAME_SIZE } from '../../src/native/binding.ts';
import { native } from '../../src/native/native.ts';

/** The functions of the native object, as they are. */
export { native };
/** Their constants. */
export const c = native.constants;

export const opened: number[] = [];
afterEach(() => {
  for (const fd of opened.splice(0)) native.close(fd);
});

/** The descriptor is closed after the test. */
export function own(fd: number): number {
  expect(fd).toBeGreaterThanOrEqual(0);
  opened.push(fd);
  return fd;
}

export function pair(type = c.SOCK_STREAM): [number, number] {
  const out = new Int32Array(2);
  expect(native.socketpair(c.AF_UNIX, type, 0, out)).toBe(0);
  return [own(out[0] as number), own(out[1] as number)];
}

export function pipe(): [number, number] {
  const out = new Int32Array(2);
  expect(native.pipe2(out)).toBe(0);
  return [own(out[0] as number), own(out[1] as number)];
}

export const bytes = (text: string) => new TextEncoder().encode(text);
export const text = (from: Uint8Array, start: number, end: number) =>
  new TextDecoder().decode(from.subarray(start, end));
export const littleEndian = new Uint8Array(new Uint16Array([1]).buffer)[0] === 1;

/** A name for 127.0.0.1; `size` is that of its array. */
export function ipv4(port: number, size = NAME_SIZE): Uint8Array<ArrayBuffer> {
  const name = new Uint8Array(size);
  const view = new DataView(name.buffer);
  view.setUint32(0, 16, littleEndian);
  view.setUint16(4, c.AF_INET, littleEndian);
  view.setUint16(6, port);
  name.set([127, 0, 0, 1], 8);
  return name;
}

export const nameLength = (name: Uint8Array, at = 0) =>
  new DataView(name.buffer).getUint32(at, littleEndian);
export const portIn = (name: Uint8Array, at = 0) => new DataView(name.buffer).getUint16(at + 6);

export function portOf(fd: number): number {
  const name = new Uint8Array(NAME_SIZE);
  expect(native.getsockname(fd, name)).toBe(0);
  expect(nameLength(name)).toBe(16);
  return portIn(name);
}

export function listener(): number {
  const fd = own(native.socket(c.AF_INET, c.SOCK_STREAM, 0));
  expect(native.bind(fd, ipv4(0))).toBe(0);
  expect(native.listen(fd, 16)).toBe(0);
  return fd;
}

export function datagrams(): number {
  const fd = own(native.socket(c.AF_INET, c.SOCK_DGRAM, 0));
  expect(native.bind(fd, ipv4(0))).toBe(0);
  return fd;
}

export function int(value: number): Uint8Array {
  return new Uint8Array(new Int32Array([value]).buffer);
}

export function watched(fd: number, events: number): number {
  const epfd = own(native.epollCreate1());
  expect(native.epollCtl(epfd, c.EPOLL_CTL_ADD, fd, events, 1, 0)).toBe(0);
  return epfd;
}

/** Blocks until `fd` is ready: a call that another thread has to answer. */
export function waitFor(fd: number, events: number): void {
  expect(native.epollWait(watched(fd, events), new Uint8Array(16), 0, 16, 5000)).toBe(1);
}

/** The memory of a batch, and its parts. */
export interface RawBatch {
  readonly memory: Uint8Array;
  readonly meta: Uint32Array;
  readonly names: Uint8Array;
  readonly slots: Uint8Array;
}

/** A batch whose words are wrong where `says` differs. */
export function batchOf(capacity: number, slot: number, says = { capacity, slot }): RawBatch {
  const names = 8 + 4 * c.META_STRIDE * capacity;
  const slots = names + c.NAME_STRIDE * capacity;
  const buffer = new ArrayBuffer(slots + slot * capacity);
  new Uint32Array(buffer, 0, 2).set([says.capacity, says.slot]);
  return {
    memory: new Uint8Array(buffer),
    meta: new Uint32Array(buffer, 8, c.META_STRIDE * capacity),
    names: new Uint8Array(buffer, names, c.NAME_STRIDE * capacity),
    slots: new Uint8Array(buffer, slots),
  };
}

export const nothing: Uint8Array = new Uint8Array(0);

/** The same array, whose memory has gone elsewhere. */
export const detached = <T extends { buffer: ArrayBufferLike }>(array: T): T => {
  structuredClone(array.buffer, { transfer: [array.buffer as ArrayBuffer] });
  return array;
};
