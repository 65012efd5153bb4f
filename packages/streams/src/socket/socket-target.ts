import type { TcpConnectOptions, UnixAddress } from '@evloop/core';
import type { ConnectOptions } from '@evloop/service';

/** Where a socket connects to. */
export type SocketTarget =
  | {
      /** A name or an IP address. Default: `'localhost'`. */
      readonly host?: string | undefined;
      /** From 1 to 65535. */
      readonly port: number | string;
      readonly path?: undefined;
    }
  | {
      /** The path of a Unix socket. */
      readonly path: UnixAddress;
    };

/** How a socket connects: the options of `connect` of `@evloop/service`. */
export interface SocketConnectOptions extends Omit<ConnectOptions, 'signal' | 'tcp'> {
  /** Options of the connection. */
  readonly tcp?: TcpConnectOptions | undefined;
}

/** The arguments that `net.Socket.connect` takes. */
export type ConnectArguments =
  | [target: SocketTarget & SocketConnectOptions, onConnect?: () => void]
  | [port: number | string, onConnect?: () => void]
  | [port: number | string, host: string, onConnect?: () => void]
  | [path: string, onConnect?: () => void];

/** What {@link ConnectArguments} mean. */
export interface ReadArguments {
  readonly target: SocketTarget;
  readonly options: SocketConnectOptions;
  readonly onConnect: (() => void) | undefined;
}

/** Reads the arguments of `connect`, in each of its forms. */
export function readConnectArguments(given: ConnectArguments): ReadArguments {
  const last = given.at(-1);
  const onConnect = typeof last === 'function' ? last : undefined;
  const [first, second] = given;
  if (typeof first === 'object' && first !== null) {
    const target = first.path === undefined ? tcpTarget(first.port, first.host) : first;
    return { target, options: first, onConnect };
  }
  if (typeof first === 'string' && !/^\d+$/.test(first)) {
    return { target: { path: first }, options: {}, onConnect };
  }
  const host = typeof second === 'string' ? second : undefined;
  return { target: tcpTarget(first as number | string, host), options: {}, onConnect };
}

function tcpTarget(port: number | string, host: string | undefined): SocketTarget {
  const number = typeof port === 'string' && /^\d+$/.test(port) ? Number(port) : port;
  if (typeof number === 'number' && Number.isInteger(number) && number > 0 && number < 65536) {
    return { host: host || 'localhost', port: number };
  }
  throw new RangeError(`invalid port: ${String(port)} (expected an integer from 1 to 65535)`);
}
