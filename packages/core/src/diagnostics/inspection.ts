/**
 * The method that Node's `util.inspect`, and so `console.log`, calls. Core imports no Node module.
 */
export const inspected: unique symbol = Symbol.for('nodejs.util.inspect.custom') as never;

/** `util.inspect`, as it is passed to the method. */
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
 * For backends: what `console.log` prints of a source: its kind, its state, its addresses and the
 * token that it is registered under. Nothing is taken from the source, and nothing is thrown.
 */
export function inspectSource(
  source: object,
  registration: RegistrationParts,
  options: object,
  inspect?: Inspect,
): string {
  if (registration.closed) return inspectAs(source, { state: 'closed' }, options, inspect);
  const parts = source as Parts;
  const local = attempt(() => parts.localAddr?.());
  const peer = attempt(() => parts.peerAddr?.());
  const { token } = registration;
  return inspectAs(
    source,
    {
      state: stateOf(parts, peer),
      ...(local === undefined ? {} : { local }),
      ...(peer === undefined ? {} : { peer }),
      ...(registration.registry === undefined ? {} : { token }),
    },
    options,
    inspect,
  );
}

/** For backends: `values` under the name of the class of `object`. */
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
