import { constants as system } from 'node:os';
import { type Binding, loadBinding, unavailable } from './binding.ts';
import type { Constants } from './constants.ts';

/** Lets this package be imported where it cannot run: each call throws `EVLOOP_UNSUPPORTED`. */
function withoutCalls(): Binding {
  const numbers = { constants: Object.freeze({ ...system.errno }) };
  return new Proxy(numbers as unknown as Binding, {
    get: (target, name) => (name in target ? Reflect.get(target, name) : loadBinding),
  });
}

/** The system calls. Where they are {@link unavailable}, each throws `EVLOOP_UNSUPPORTED`. */
export const native: Binding = unavailable === undefined ? loadBinding() : withoutCalls();

/**
 * The kernel's numbers, by its names: `SOL_SOCKET`, `SO_MARK`, `EAGAIN` …, for `getOption` and
 * `setOption`.
 */
export const constants: Constants = native.constants;
