import { formatInterest, type Interest } from '../interest.ts';

interface Host {
  process?: { getBuiltinModule?(id: string): unknown };
  [TRACED]?: boolean;
}

interface Util {
  debuglog(section: string): ((format: string, ...values: unknown[]) => void) & {
    readonly enabled: boolean;
  };
}

interface DiagnosticsChannel {
  subscribe(name: string, listener: (message: never) => void): void;
}

/**
 * The parts of each message that are written. `DiagnosticMessages` itself would make a circle of
 * imports.
 */
export interface TracedMessages {
  'evloop:register': TracedRegistration;
  'evloop:reregister': TracedRegistration;
  'evloop:deregister': { readonly source: object; readonly token: number | undefined };
  'evloop:poll': {
    readonly events: Iterable<{ readonly token: number } & Record<(typeof BITS)[number], boolean>>;
  };
  'evloop:error': { readonly error: Error };
}

interface TracedRegistration {
  readonly source: object;
  readonly token: number;
  readonly interest: Interest;
}

const TRACED: unique symbol = Symbol.for('evloop.traced') as never;
const BITS = ['readable', 'writable', 'priority', 'error', 'readClosed', 'writeClosed'] as const;

/**
 * Writes all messages to standard error if `NODE_DEBUG` asks for it. Done once, even with several
 * copies of this package.
 */
export function writeTraces(): void {
  const host = globalThis as Host;
  const util = host.process?.getBuiltinModule?.('node:util') as Util | undefined;
  const log = util?.debuglog('evloop');
  if (log?.enabled !== true || host[TRACED] === true) return;
  host[TRACED] = true;
  const on = <Name extends keyof TracedMessages>(
    name: Name,
    write: (message: TracedMessages[Name]) => void,
  ): void => {
    const module = host.process?.getBuiltinModule?.('node:diagnostics_channel');
    (module as DiagnosticsChannel).subscribe(name, write);
  };
  on('evloop:register', (message) => log('register %s', describe(message)));
  on('evloop:reregister', (message) => log('reregister %s', describe(message)));
  on('evloop:deregister', ({ source, token }) => log('deregister %s', named(source, token)));
  on('evloop:poll', ({ events }) => {
    for (const event of events) {
      const bits = BITS.filter((bit) => event[bit]);
      log('event token %d: %s', event.token, bits.join(' '));
    }
  });
  on('evloop:error', ({ error }) => {
    log('error %s: %s', (error as { code?: unknown }).code, error.message);
  });
}

function describe({ source, token, interest }: TracedRegistration): string {
  return `${named(source, token)}, ${formatInterest(interest)}`;
}

function named(source: object, token: number | undefined): string {
  // A source may lack a constructor: `Object.create(null)`.
  const kind = (source.constructor as { name?: unknown } | undefined)?.name ?? 'Source';
  return `${String(kind)}${token === undefined ? '' : `, token ${token}`}`;
}
