import type { Target } from '../connect/connect-options.ts';
import { Failure } from './failure.ts';

/**
 * Reads the value of an option that is a host and a port: `example.com:80`, `127.0.0.1:80` or
 * `[::1]:80`.
 *
 * @param option its name, for the message: `--upstream`.
 * @throws Failure: it is something else.
 */
export function targetOf(option: string, text: string): Target {
  const match = /^(?:\[([^\]]+)\]|([^:]+)):(\d{1,5})$/.exec(text);
  const [host, port] = [match?.[1] ?? match?.[2], Number(match?.[3])];
  if (host !== undefined && port >= 1 && port <= 65535) return { host, port };
  throw new Failure(`${option} is HOST:PORT, for instance localhost:9000, not '${text}'`);
}
