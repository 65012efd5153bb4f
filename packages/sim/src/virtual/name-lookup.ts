import dns from 'node:dns';
import type { Process } from '../host/process.ts';
import { type Replacement, virtualFunction } from './replacement.ts';

/** How long a name server of the simulation takes, in nanoseconds of virtual time. */
const ANSWER_TIME = 1_000_000;

interface Found {
  readonly address: string;
  readonly family: 4 | 6;
}
interface Options {
  readonly all?: boolean;
  readonly family?: number | string;
}
type Done = (error: Error | null, ...found: unknown[]) => void;

/** Inside hosts names are those of the simulation's hosts, and `localhost`. */
export function nameLookup(): Replacement[] {
  return [
    virtualFunction(dns.promises, 'lookup', (process, name: string, options?: Options | number) =>
      find(process, name, optionsOf(options)),
    ),
    virtualFunction(dns, 'lookup', (process, name: string, ...rest: [...Options[], Done]) => {
      const done = rest.at(-1) as Done;
      const options = optionsOf(rest.length > 1 ? (rest[0] as Options) : {});
      find(process, name, options).then((found) => {
        if (Array.isArray(found)) done(null, found);
        else done(null, (found as Found).address, (found as Found).family);
      }, done);
    }),
  ];
}

const optionsOf = (options: Options | number = {}): Options =>
  typeof options === 'number' ? { family: options } : options;

async function find(
  process: Process,
  name: string,
  { all, family = 0 }: Options,
): Promise<unknown> {
  await new Promise<void>((resolve) => process.schedule(ANSWER_TIME, resolve));
  const wanted = Number(String(family).replace('IPv', ''));
  const found = addressesOf(process, name).filter((one) => wanted === 0 || one.family === wanted);
  const [first] = found;
  if (first !== undefined) return all === true ? found : first;
  const details = { code: 'ENOTFOUND', errno: -3008, syscall: 'getaddrinfo', hostname: name };
  throw Object.assign(new Error(`getaddrinfo ENOTFOUND ${name}`), details);
}

function addressesOf({ host, simulation }: Process, name: string): Found[] {
  if (name === 'localhost') return [{ address: '127.0.0.1', family: 4 }];
  if (/^[\d.]+$/.test(name)) return [{ address: name, family: 4 }];
  if (name.includes(':')) return [{ address: name, family: 6 }];
  const named = simulation.network.hosts.find((each) => each.name === name);
  if (named === undefined) return [];
  const { ipv4, ipv6 } = named.interfaces;
  const four: Found = { address: ipv4, family: 4 };
  // An address of a family that this host does not have is of no use to it: RFC 6724.
  if (ipv6 === undefined || host.interfaces.ipv6 === undefined) return [four];
  return [{ address: ipv6, family: 6 }, four];
}
