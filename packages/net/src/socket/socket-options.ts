import { Socket } from 'node:net';
import type { SocketOption, SocketOptionName, SocketOptions, SystemError } from '@evloop/core';
import {
  checkSocketOptionValue,
  givenSocketOptions,
  observed,
  systemError,
  unsupportedError,
} from '@evloop/core/backend';

/** Methods that Node has beyond Node 20. */
interface NewerSocket {
  setKeepAlive(on: boolean, idleMs: number, intervalMs?: number, count?: number): unknown;
  setTypeOfService?(tos: number): unknown;
}

const { setKeepAlive, setTypeOfService } = Socket.prototype as unknown as NewerSocket;

/** The options of a stream that this Node can set. */
export const STREAM_OPTIONS: readonly SocketOptionName[] = Object.freeze([
  'nodelay',
  'keepAlive',
  'keepIdle',
  ...(setKeepAlive.length === 4 ? (['keepInterval', 'keepCount'] as const) : []),
  'linger',
  ...(setTypeOfService === undefined ? [] : (['tos'] as const)),
]);

/** The system's usual defaults: tcp(7), ip(7). */
const USUAL: SocketOptions = {
  nodelay: false,
  keepAlive: false,
  keepIdle: 7_200_000,
  keepInterval: 75_000,
  keepCount: 9,
  linger: null,
  tos: 0,
  reusePort: false,
};

/** Returns the value that was set: Node cannot ask the system. */
export function rememberedOption<N extends SocketOptionName>(
  values: SocketOptions,
  name: N,
): SocketOption<N> {
  const value = values[name];
  return (value === undefined ? USUAL[name] : value) as SocketOption<N>;
}

/** The largest time that keep-alive takes, in milliseconds: tcp(7). */
const MOST_KEEP_ALIVE = 32_767_000;

/** Rejects values that Node would ignore, or apply in another way. */
export function checkPossible(name: SocketOptionName, value: unknown): void {
  if (name === 'linger' && value !== null && value !== 0) {
    throw unsupportedError('node:net supports only linger 0 (reset) and null (no linger)');
  }
  if (name !== 'keepIdle' && name !== 'keepInterval') return;
  if (value === 0 || Number(value) > MOST_KEEP_ALIVE) throw systemError('EINVAL', 'setsockopt');
}

/**
 * Returns the given options, checked.
 *
 * @param known the options that this kind of socket has.
 */
export function checkOptions(
  options: SocketOptions | undefined,
  known: readonly SocketOptionName[],
): SocketOptions {
  const checked: Record<string, unknown> = {};
  for (const name of givenSocketOptions(options, known)) {
    const value = checkSocketOptionValue(name, options?.[name]);
    checkPossible(name, value);
    checked[name] = value;
  }
  return checked;
}

/** Sets the option `name` of a socket to its value in `values`. */
export function applyOption(socket: Socket, name: SocketOptionName, values: SocketOptions): void {
  if (name === 'nodelay') {
    socket.setNoDelay(values.nodelay);
  } else if (name.startsWith('keep')) {
    applyKeepAlive(socket, values);
  } else if (name === 'tos') {
    applyTypeOfService(socket, values.tos ?? 0);
  }
  // Linger takes effect when the socket is closed.
}

/** Sets all options in `values`. */
export function applyOptions(socket: Socket, values: SocketOptions): void {
  for (const name of Object.keys(values)) applyOption(socket, name as SocketOptionName, values);
}

function applyKeepAlive(socket: Socket, values: SocketOptions): void {
  const { keepAlive = false, keepIdle, keepInterval, keepCount } = values;
  const newer = socket as unknown as NewerSocket;
  // Without times, Node keeps the system's. With one of them, it replaces the others by its own
  // defaults, unless they are given.
  if (keepIdle === undefined && keepInterval === undefined && keepCount === undefined) {
    newer.setKeepAlive(keepAlive, 0);
  } else {
    const option = <N extends SocketOptionName>(name: N) => rememberedOption(values, name);
    newer.setKeepAlive(keepAlive, option('keepIdle'), option('keepInterval'), option('keepCount'));
  }
}

function applyTypeOfService(socket: Socket, tos: number): void {
  try {
    (socket as unknown as NewerSocket).setTypeOfService?.(tos);
  } catch (error) {
    throw observed(error as SystemError);
  }
}
