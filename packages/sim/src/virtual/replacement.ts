import { current } from '../host/current.ts';
import type { Process } from '../host/process.ts';

/** A property that is another one while simulations run. */
export interface Replacement {
  readonly object: object;
  readonly name: string;
  /** Makes the value from the real one. */
  readonly make: (real: never) => unknown;
}

type Function<Args extends unknown[], Result> = (this: unknown, ...args: Args) => Result;

/**
 * Replaces a function: inside hosts by `virtual`, outside by itself.
 *
 * @param virtual gets the process, then the arguments.
 */
export function virtualFunction<Args extends unknown[], Result>(
  object: object,
  name: string,
  virtual: (process: Process, ...args: Args) => Result,
): Replacement {
  const make = (real: Function<Args, Result>): unknown => {
    const replaced = function (this: unknown, ...args: Args): Result {
      const process = current.getStore();
      return process === undefined ? real.apply(this, args) : virtual(process, ...args);
    };
    // What hangs on it stays: setTimeout[util.promisify.custom], process.hrtime.bigint.
    for (const key of Reflect.ownKeys(real)) {
      if (key === 'length' || key === 'name' || key === 'prototype') continue;
      const descriptor = Object.getOwnPropertyDescriptor(real, key);
      if (descriptor !== undefined) Object.defineProperty(replaced, key, descriptor);
    }
    Object.defineProperty(replaced, 'name', { value: name, configurable: true });
    return replaced;
  };
  return { object, name, make: make as (real: never) => unknown };
}

/** Puts a replacement in place. Returns a function that restores the real value. */
export function replace({ object, name, make }: Replacement): () => void {
  const descriptor = Object.getOwnPropertyDescriptor(object, name);
  const real = (object as Record<string, unknown>)[name];
  if (real === undefined || descriptor?.configurable === false) return () => {};
  const value = make(real as never);
  Object.defineProperty(object, name, {
    value,
    writable: true,
    configurable: true,
    enumerable: descriptor?.enumerable ?? false,
  });
  return () => {
    if (descriptor === undefined) delete (object as Record<string, unknown>)[name];
    else Object.defineProperty(object, name, descriptor);
  };
}
