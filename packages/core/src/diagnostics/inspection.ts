import { quietly } from './error-channel.ts';

/**
 * The key of the method that Node's `util.inspect`, and so `console.log`, calls. Core imports no
 * Node module.
 */
export const inspected: unique symbol = Symbol.for('nodejs.util.inspect.custom') as never;

/** The function `util.inspect`, as Node passes it to the method. */
export type Inspect = (value: unknown, options: object) => string;

interface Parts {
  localAddr?(): unknown;
  peerAddr?(): unknown;
  accept?(): unknown;
}

interface RegistrationParts {
  readonly closed: boolean;
  readonly registry: unknown;
  readonly token: number;
}

/**
 * For backends: returns what `console.log` prints for a source: its kind, state, addresses and
 * token. It consumes nothing from the source (no pending error), never throws, and
 * publishes no error.
 */
export function inspectSource(
  source: object,
  registration: RegistrationParts,
  options: object,
  inspect?: Inspect,
): string {
  if (registration.closed) return inspectAs(source, { state: 'closed' }, options, inspect);
  const parts = source as Parts;
  const local = quietly(() => attempt(() => parts.localAddr?.()));
  const peer = quietly(() => attempt(() => parts.peerAddr?.()));
  const { token } = registration;
  return inspectAs(
    source,
    {
      state: stateOf(parts, peer),
      // A Unix socket without a name has an empty address.
      ...(local ? { local } : {}),
      ...(peer ? { peer } : {}),
      ...(registration.registry === undefined ? {} : { token }),
    },
    options,
    inspect,
  );
}

/** For backends: prints `values` under the class name of `object`. */
export function inspectAs(
  object: object,
  values: Readonly<Record<string, unknown>>,
  options: object,
  inspect: Inspect = JSON.stringify as Inspect,
): string {
  return `${object.constructor.name} ${inspect(values, options)}`;
}

function stateOf(parts: Parts, peer: unknown): string {
  if (parts.accept !== undefined) return 'listening';
  if (peer !== undefined) return 'connected';
  return parts.peerAddr === undefined ? 'open' : 'not connected';
}

function attempt(run: () => unknown): unknown {
  try {
    const value = run();
    const address = value as { address?: unknown; port?: unknown; family?: unknown } | undefined;
    if (typeof address?.address !== 'string') return value;
    const host = address.family === 'IPv6' ? `[${address.address}]` : address.address;
    return `${host}:${String(address.port)}`;
  } catch {
    return undefined;
  }
}
