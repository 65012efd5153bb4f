import { unsupportedError } from '@evloop/core';
import { type Binding, bindingFailure, loadBinding } from './binding.ts';
import type { Constants } from './constants.ts';

function load(): Binding {
  if (bindingFailure !== undefined) throw unsupportedError(`@evloop/epoll: ${bindingFailure}`);
  return loadBinding();
}

/** The system calls. Importing this where there are none is `EVLOOP_UNSUPPORTED`. */
export const native: Binding = load();

/** The kernel's numbers, by its names: `SOL_SOCKET`, `SO_MARK`, `EAGAIN` …, for `getOption` and `setOption`. */
export const constants: Constants = native.constants;
