import crypto from 'node:crypto';
import type { HostRandom } from '../host/host-random.ts';
import { type Replacement, virtualFunction } from './replacement.ts';

type Callback<T> = (error: Error | null, value: T) => void;

/** The random numbers of the runtime, from the seed inside hosts. */
export function randomFunctions(): Replacement[] {
  return [
    virtualFunction(Math, 'random', ({ random }) => random.next()),
    virtualFunction(
      crypto,
      'randomBytes',
      ({ random, timers }, size: number, done?: Callback<Buffer>) => {
        const bytes = filled(random, Buffer.alloc(size));
        if (done === undefined) return bytes;
        timers.setImmediate(() => done(null, bytes));
        return undefined;
      },
    ),
    virtualFunction(
      crypto,
      'randomFillSync',
      ({ random }, into: ArrayBufferView, at?: number, size?: number) => {
        const all = viewOf(into);
        filled(random, all.subarray(at, size === undefined ? all.length : (at ?? 0) + size));
        return into;
      },
    ),
    virtualFunction(crypto, 'randomInt', ({ random, timers }, ...args: unknown[]) => {
      const done = typeof args.at(-1) === 'function' ? (args.pop() as Callback<number>) : undefined;
      const [low, high] = (args.length > 1 ? args : [0, ...args]) as [number, number];
      const value = random.integer(low, high);
      if (done === undefined) return value;
      timers.setImmediate(() => done(null, value));
      return undefined;
    }),
    virtualFunction(crypto, 'randomUUID', ({ random }) => uuid(random)),
    ...webCrypto(),
  ];
}

function webCrypto(): Replacement[] {
  const web: object | undefined = globalThis.crypto;
  if (web === undefined) return [];
  const owner = Object.getPrototypeOf(web) as object;
  return [
    virtualFunction(owner, 'randomUUID', ({ random }) => uuid(random)),
    virtualFunction(owner, 'getRandomValues', ({ random }, into: ArrayBufferView) => {
      filled(random, viewOf(into));
      return into;
    }),
  ];
}

function viewOf({ buffer, byteOffset, byteLength }: ArrayBufferView): Uint8Array {
  return new Uint8Array(buffer, byteOffset, byteLength);
}

function filled<Bytes extends Uint8Array>(random: HostRandom, bytes: Bytes): Bytes {
  random.fill(bytes);
  return bytes;
}

/** A version 4 UUID: RFC 9562. */
function uuid(random: HostRandom): string {
  const bytes = filled(random, Buffer.alloc(16));
  bytes[6] = ((bytes[6] as number) & 0x0f) | 0x40;
  bytes[8] = ((bytes[8] as number) & 0x3f) | 0x80;
  const hex = bytes.toString('hex');
  return hex.replace(/^(.{8})(.{4})(.{4})(.{4})/, '$1-$2-$3-$4-');
}
