import type { UnixAddress } from '@evloop/core';
import { unsupportedError } from '@evloop/core/backend';
import type { Environment } from './parse-listen-fds.ts';

/** The result of {@link parseNotifySocket}. */
export interface ParsedNotifySocket {
  /** The address for messages; `undefined` if no supervisor wants any. */
  readonly path: UnixAddress | undefined;
  /** The interval of the watchdog in milliseconds; `undefined` if there is none. */
  readonly watchdogMs: number | undefined;
}

/** sun_path of unix(7): a path needs one more byte for its end, an abstract name does not. */
const SUN_PATH_SIZE = 108;

/**
 * Reads `NOTIFY_SOCKET` as sd_notify(3) does, and `WATCHDOG_USEC` and `WATCHDOG_PID` as
 * sd_watchdog_enabled(3) does. Changes nothing.
 *
 * @param pid the process that `WATCHDOG_PID` must name. `null` does not check.
 * @throws RangeError: the address is neither a path nor an abstract name (`@name`), or a number is
 *   invalid. EVLOOP_UNSUPPORTED: a `vsock:` address, as supervisors of virtual machines use.
 */
export function parseNotifySocket(env: Environment, pid: number | null): ParsedNotifySocket {
  const { NOTIFY_SOCKET: socket, WATCHDOG_USEC: usec, WATCHDOG_PID: watched } = env;
  if (socket === undefined) return { path: undefined, watchdogMs: undefined };
  const path = parseAddress(socket);
  if (usec === undefined) return { path, watchdogMs: undefined };
  const watchdogMs = integer('WATCHDOG_USEC', usec) / 1000;
  const mine = pid === null || watched === undefined || integer('WATCHDOG_PID', watched) === pid;
  return { path, watchdogMs: mine ? watchdogMs : undefined };
}

function parseAddress(text: string): UnixAddress {
  if (/^vsock(-\w+)?:/.test(text)) {
    throw unsupportedError(`NOTIFY_SOCKET is ${text}: no backend has vsock sockets`);
  }
  const abstract = text.startsWith('@');
  const size = new TextEncoder().encode(text).length;
  const longest = abstract ? SUN_PATH_SIZE : SUN_PATH_SIZE - 1;
  if (!/^[/@]./s.test(text) || size > longest) {
    throw new RangeError(
      `NOTIFY_SOCKET must be an absolute path or @ and a name, not ${JSON.stringify(text)}`,
    );
  }
  return abstract ? `\0${text.slice(1)}` : text;
}

function integer(variable: string, text: string): number {
  const number = /^\d+$/.test(text) ? Number(text) : 0;
  if (number >= 1 && number <= Number.MAX_SAFE_INTEGER) return number;
  throw new RangeError(`${variable} must be a number from 1, not ${JSON.stringify(text)}`);
}
