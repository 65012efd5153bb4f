import { getSystemErrorMap } from 'node:util';
import { observed, type SocketAddress, type SystemError } from '@evloop/core';

const numbers = new Map<string, number>();
for (const [errno, [name]] of getSystemErrorMap()) numbers.set(name, errno);

/** An error that the system would have reported, in Node's shape and wording. */
export function systemError(
  code: string,
  syscall: string,
  about?: Pick<SocketAddress, 'address' | 'port'>,
): SystemError {
  const where = about === undefined ? '' : ` ${about.address}:${about.port}`;
  const error = new Error(`${syscall} ${code}${where}`);
  const { address, port } = about ?? {};
  const errno = numbers.get(code) ?? 0;
  return observed(
    Object.assign(error, { errno, code, syscall }, about && { address, port }) as SystemError,
  );
}

/** What `node:dgram` threw or reported, as a system error. */
export function toSystemError(thrown: unknown): unknown {
  // The sizes of buffers alone fail with a code of Node's own, which wraps the system's.
  const { code, info } = thrown as { code?: unknown; info?: { code: string; syscall: string } };
  if (code === 'ERR_SOCKET_BUFFER_SIZE' && info !== undefined) {
    return systemError(info.code, info.syscall);
  }
  return typeof (thrown as Partial<SystemError>).syscall === 'string'
    ? observed(thrown as SystemError)
    : thrown;
}
