import { getSystemErrorMap, getSystemErrorName } from 'node:util';
import { type SystemError, WouldBlock } from '@evloop/core';
import { observed } from '@evloop/core/backend';
import { native } from './native.ts';

const { EAGAIN } = native.constants;

/** The address that an error concerns, as far as it is known. */
export interface ErrorAddress {
  readonly address?: string | undefined;
  readonly port?: number | undefined;
}

/**
 * The error for a system call that returned `-errno`, in Node's shape and wording.
 *
 * Node words a failed connect and a failed read shortly, and everything else that has an address
 * with the errno's description.
 */
export function systemError(result: number, syscall: string, at: ErrorAddress = {}): SystemError {
  return wordedError(result, syscall, at, at.address !== undefined && syscall !== 'connect');
}

/** As `systemError`, for UDP: `node:dgram` never adds the description. */
export function datagramError(result: number, syscall: string, at: ErrorAddress = {}): SystemError {
  return wordedError(result, syscall, at, false);
}

function wordedError(
  result: number,
  syscall: string,
  at: ErrorAddress,
  described: boolean,
): SystemError {
  const code = getSystemErrorName(result);
  const place = at.address === undefined ? '' : ` ${format(at.address, at.port)}`;
  const message = described ? `: ${getSystemErrorMap().get(result)?.[1]}` : '';
  const error = Object.assign(new Error(`${syscall} ${code}${message}${place}`), {
    code,
    errno: result,
    syscall,
    ...(at.address === undefined ? {} : { address: at.address }),
    ...(at.port === undefined ? {} : { port: at.port }),
  });
  return observed(error);
}

/** As `check`, for UDP. */
export function checkDatagram(result: number, syscall: string, at?: ErrorAddress): number {
  if (result < 0) throw datagramError(result, syscall, at);
  return result;
}

/** Returns `result`, or throws it when it is an error. */
export function check(result: number, syscall: string, at?: ErrorAddress): number {
  if (result < 0) throw systemError(result, syscall, at);
  return result;
}

/**
 * What a transfer that was not interrupted comes to: its size, `WouldBlock`, or an error that it
 * throws.
 */
export function transferred(
  result: number,
  syscall: string,
  at?: ErrorAddress,
): number | WouldBlock {
  if (result >= 0) return result;
  if (result === -EAGAIN) return WouldBlock;
  throw systemError(result, syscall, at);
}

function format(address: string, port: number | undefined): string {
  return port === undefined ? address : `${address}:${port}`;
}
