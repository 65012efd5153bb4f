import { getSystemErrorMap } from 'node:util';
import { observed, type SystemError } from '@evloop/core';

let errnos: ReadonlyMap<string, number> | undefined;

/**
 * A system error for what the kernel would have answered, where Node was not even asked.
 *
 * @param code an errno's name: `'EPIPE'`.
 * @param address the path that it concerns.
 */
export function systemError(code: string, syscall: string, address?: string): SystemError {
  return observed(made(code, syscall, address));
}

function made(code: string, syscall: string, address?: string): SystemError {
  errnos ??= new Map(Array.from(getSystemErrorMap(), ([errno, [name]]) => [name, errno]));
  const errno = errnos.get(code) ?? 0;
  const at = address === undefined ? undefined : { address };
  const message = at === undefined ? `${syscall} ${code}` : `${syscall} ${code} ${at.address}`;
  return Object.assign(new Error(message), { code, errno, syscall }, at);
}

/** The same failure, met by another system call. */
export function restate(error: SystemError, syscall: string): SystemError {
  return error.syscall === syscall ? error : made(error.code, syscall);
}
