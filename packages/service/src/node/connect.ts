import type { TcpStream } from '@evloop/core';
import { connect as connectBy } from '../connect/connect.ts';
import type { ConnectOptions, Target } from '../connect/connect-options.ts';
import type { Loop } from '../loop/loop.ts';
import { lookup } from './lookup.ts';

/** Connects to a host by name. The same as `connect` of `@evloop/service`, with Node's lookup. */
export function connect(
  loop: Loop,
  target: Target,
  options: ConnectOptions = {},
): Promise<TcpStream> {
  return connectBy(loop, target, { lookup, ...options });
}
