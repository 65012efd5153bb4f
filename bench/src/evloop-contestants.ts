import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Contestant } from './contestant.ts';
import { bench, builtExamples, builtServers } from './place.ts';
import type { Missing } from './result.ts';
import { SERVICES, type Service } from './servers/service.ts';

const datagrams: readonly Service[] = ['udp-echo', 'udp-receive', 'udp-send'];

/** The examples that offer a service, and how they are started. */
const EXAMPLES: Readonly<Partial<Record<Service, readonly string[]>>> = {
  // Without a greeting, as the others; and with room for the idle connections.
  'tcp-echo': ['tcp_server.js', '--greeting', '', '--clients', '20000'],
  broadcast: ['broadcast_server.js'],
  'udp-echo': ['udp_server.js'],
};

/**
 * Returns the examples as a contestant: what people copy is what is measured. For the services that
 * no example offers, a loop of this benchmark stands in, unless writes are corked.
 */
export function examples(
  id: string,
  title: string,
  backend: string,
  wait: 'sync' | 'async',
  cork = false,
): Contestant {
  const way = ['--port', '0', '--quiet', '--backend', backend, '--wait', wait];
  if (cork) way.push('--cork');
  const fallback = bareCommand(backend, wait);
  const command = (service: Service): readonly string[] => {
    const [file, ...args] = EXAMPLES[service] ?? [];
    if (file === undefined) return fallback(service);
    return [process.execPath, join(builtExamples, file), ...args, ...way];
  };
  const services = cork ? SERVICES.filter((service) => EXAMPLES[service] !== undefined) : SERVICES;
  return {
    id,
    title,
    services,
    prepare: () => {
      if (!existsSync(join(builtExamples, 'tcp_server.js'))) {
        return { what: id, why: 'the examples are not built', command: 'npm run build' };
      }
      return loads(`@evloop/${backend}`, id) ?? { version: version(backend), command };
    },
  };
}

/** Returns a loop on the packages alone: without the layer that the examples are built on. */
export function bare(
  id: string,
  title: string,
  backend: string,
  wait: 'sync' | 'async',
  style?: 'batch' | 'streams',
): Contestant {
  const command = bareCommand(backend, wait, style);
  const weighed = (service: Service) => {
    return [process.execPath, '--expose-gc', ...command(service).slice(1)];
  };
  const batch = style === 'batch';
  return {
    id,
    title,
    batch,
    services: batch ? datagrams : ['tcp-echo', ...(style ? [] : SERVICES.slice(1, 3))],
    prepare: () => {
      return loads(`@evloop/${backend}`, id) ?? { version: version(backend), command, weighed };
    },
  };
}

function bareCommand(
  backend: string,
  wait: 'sync' | 'async',
  style?: string,
): (service: Service) => readonly string[] {
  const program = join(builtServers, style === 'streams' ? 'streams.js' : 'evloop/main.js');
  const args = style === undefined ? [] : [style];
  return (service) => [process.execPath, program, backend, wait, service, ...args];
}

const known = new Map<string, string | undefined>();

/** Undefined when the package can be imported, else what is missing. */
function loads(name: string, id: string): Missing | undefined {
  if (!known.has(name)) known.set(name, findReason(name));
  const why = known.get(name);
  return why === undefined ? undefined : { what: id, why, command: 'npm run build' };
}

function findReason(name: string): string | undefined {
  const code = `import('${name}').then((m) => { if (!m.Poll) throw new Error('it exports no Poll') })`;
  const { status, stderr } = spawnSync(process.execPath, ['--input-type=module', '-e', code], {
    cwd: bench,
    encoding: 'utf8',
  });
  if (status === 0) return undefined;
  return /^\s*\w*Error.*$/m.exec(stderr)?.[0].trim() ?? 'it does not load';
}

function version(backend: string): string {
  const manifest = join(bench, 'node_modules/@evloop', backend, 'package.json');
  const { version } = JSON.parse(readFileSync(manifest, 'utf8')) as { version: string };
  return `${version} on Node ${process.version}`;
}
