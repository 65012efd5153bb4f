import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Contestant, Ready } from './contestant.ts';
import { cPeer, mioPeer, type Program, run } from './native-programs.ts';
import { bench, builtServers } from './place.ts';
import type { Missing } from './result.ts';
import { SERVICES, type Service } from './servers/service.ts';

const streams: readonly Service[] = ['tcp-echo', 'broadcast'];
const datagrams: readonly Service[] = ['udp-echo', 'udp-receive', 'udp-send'];
const weigh = ['--expose-gc'];

/** All contestants, in the order of the report. */
export const CONTESTANTS: readonly Contestant[] = [
  evloop('epoll-sync', '@evloop/epoll, pollSync', 'epoll', 'sync'),
  evloop('epoll', '@evloop/epoll, poll', 'epoll', 'poll'),
  evloop('net', '@evloop/net', 'net', 'poll'),
  evloop('epoll-sync-batch', '@evloop/epoll, pollSync, batches', 'epoll', 'sync', true),
  evloop('epoll-batch', '@evloop/epoll, poll, batches', 'epoll', 'poll', true),
  node(),
  runtime('bun', 'Bun.listen, Bun.udpSocket', ['bun.js']),
  runtime('deno', 'Deno.listen, Deno.listenDatagram', ['run', '-A', '--unstable-net', 'deno.js']),
  native('mio', 'Rust mio', 'apt-get install cargo librust-mio-dev', mioPeer),
  native(
    'mio-short',
    'Rust mio, a short read ends the loop',
    'apt-get install cargo librust-mio-dev',
    mioPeer,
    ['--short-read'],
  ),
  native('libuv', 'libuv in C', 'apt-get install gcc libuv1-dev', () => cPeer('libuv', ['uv'])),
  native('c', 'C on system calls alone (the floor)', 'apt-get install gcc', () =>
    cPeer('epoll', []),
  ),
];

function evloop(
  id: string,
  title: string,
  backend: string,
  wait: string,
  batch = false,
): Contestant {
  const program = join(builtServers, 'evloop/main.js');
  const args = batch ? ['batch'] : [];
  const command = (service: Service): string[] => [
    process.execPath,
    program,
    backend,
    wait,
    service,
    ...args,
  ];
  return {
    id,
    title,
    batch,
    services: batch ? datagrams : SERVICES,
    prepare: () =>
      loads(`@evloop/${backend}`, id) ?? {
        version: `${version(backend)} on Node ${process.version}`,
        command,
        weighed: (service) => [process.execPath, ...weigh, ...command(service).slice(1)],
      },
  };
}

/** Undefined when the package can be imported, else why it cannot. */
function loads(name: string, id: string): Missing | undefined {
  const code = `import('${name}').then((m) => { if (!m.Poll) throw new Error('it exports no Poll') })`;
  const { status, stderr } = spawnSync(process.execPath, ['--input-type=module', '-e', code], {
    cwd: bench,
    encoding: 'utf8',
  });
  if (status === 0) return undefined;
  const why = /^\s*\w*Error.*$/m.exec(stderr)?.[0].trim() ?? 'it does not load';
  return { what: id, why, command: 'npm run build' };
}

function version(backend: string): string {
  const manifest = join(bench, 'node_modules/@evloop', backend, 'package.json');
  return JSON.parse(readFileSync(manifest, 'utf8')).version;
}

function node(): Contestant {
  const program = join(builtServers, 'node.js');
  const ready: Ready = {
    version: process.version,
    command: (service) => [process.execPath, program, service],
    weighed: (service) => [process.execPath, ...weigh, program, service],
  };
  return { id: 'node', title: 'node:net, node:dgram', services: SERVICES, prepare: () => ready };
}

function runtime(id: string, title: string, args: readonly string[]): Contestant {
  const file = join(bench, 'runtimes/node_modules/.bin', id);
  const rest = args.map((arg) => (arg.endsWith('.js') ? join(builtServers, arg) : arg));
  return {
    id,
    title,
    services: SERVICES,
    prepare() {
      const command = 'npm install --prefix bench/runtimes';
      if (!existsSync(file)) return { what: id, why: 'it is not installed', command };
      const printed = /\d+\.\d+\.\d+/.exec(run(file, ['--version']))?.[0];
      if (printed === undefined) return { what: id, why: 'it does not start', command };
      return { version: printed, command: (service) => [file, ...rest, service] };
    },
  };
}

function native(
  id: string,
  title: string,
  command: string,
  find: () => Program,
  args: readonly string[] = [],
): Contestant {
  return {
    id,
    title,
    services: args.length > 0 ? streams : SERVICES,
    prepare() {
      const program = find();
      if ('lacks' in program) return { what: id, why: program.lacks, command };
      return { version: program.version, command: (service) => [program.path, service, ...args] };
    },
  };
}
