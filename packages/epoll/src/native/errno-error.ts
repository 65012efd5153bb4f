import { getSystemErrorMap, getSystemErrorName } from 'node:util';
import { type SystemError, WouldBlock } from '@evloop/core';
import { observed } from '@evloop/core/backend';
import { native } from './native.ts';

const { EAGAIN } = native.constants;

/** The address that an error is about, if it is known. */
export interface ErrorAddress {
  readonly address?: string | undefined;
  readonly port?: number | undefined;
}

/**
 * Makes the error of a system call that returned `-errno`, in Node's shape and wording. (Core's
 * `systemError` makes one from the name of an errno.)
 *
 * Node adds the description of the errno where the error has an address, except for `connect`.
 */
export function errnoError(result: number, syscall: string, at: ErrorAddress = {}): SystemError {
  return wordedError(result, syscall, at, at.address !== undefined && syscall !== 'connect');
}

/** Makes the error of a UDP system call: `node:dgram` never adds the description. */
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

/** Returns `result`. @throws its error of UDP, when it is negative. */
export function checkDatagram(result: number, syscall: string, at?: ErrorAddress): number {
  if (result < 0) throw datagramError(result, syscall, at);
  return result;
}

/** Returns `result`. @throws its error, when it is negative. */
export function check(result: number, syscall: string, at?: ErrorAddress): number {
  if (result < 0) throw errnoError(result, syscall, at);
  return result;
}

/** Returns the size of a transfer, or `WouldBlock` for `EAGAIN`. @throws any other error. */
export function transferred(
  result: number,
  syscall: string,
  at?: ErrorAddress,
): number | WouldBlock {
  if (result >= 0) return result;
  if (result === -EAGAIN) return WouldBlock;
  throw errnoError(result, syscall, at);
}

function format(address: string, port: number | undefined): string {
  return port === undefined ? address : `${address}:${port}`;
}
