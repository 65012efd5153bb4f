import { existsSync } from 'node:fs';
import { join } from 'node:path';
import type { Contestant, Ready } from './contestant.ts';
import { bare, examples } from './evloop-contestants.ts';
import { cPeer, mioPeer, type Program, run } from './native-programs.ts';
import { bench, builtServers } from './place.ts';
import { RELAYS } from './relays.ts';
import { SERVICES, type Service } from './servers/service.ts';
import { UDP } from './udp-contestants.ts';

const streams: readonly Service[] = ['tcp-echo', 'broadcast'];
const weigh = ['--expose-gc'];

/** All contestants, in the order of the report. */
export const CONTESTANTS: readonly Contestant[] = [
  examples('epoll-sync-cork', '@evloop/epoll, pollSync, corked', 'epoll', 'sync', true),
  examples('epoll-cork', '@evloop/epoll, poll, corked', 'epoll', 'async', true),
  examples('epoll-sync', '@evloop/epoll, pollSync', 'epoll', 'sync'),
  examples('epoll', '@evloop/epoll, poll', 'epoll', 'async'),
  examples('net', '@evloop/net', 'net', 'async'),
  bare('bare-sync', '@evloop/epoll, pollSync, a bare loop', 'epoll', 'sync'),
  bare('bare', '@evloop/epoll, poll, a bare loop', 'epoll', 'async'),
  bare('bare-net', '@evloop/net, a bare loop', 'net', 'async'),
  bare('streams', '@evloop/streams on epoll, poll', 'epoll', 'async', 'streams'),
  bare('epoll-sync-batch', '@evloop/epoll, pollSync, batches', 'epoll', 'sync', 'batch'),
  bare('epoll-batch', '@evloop/epoll, poll, batches', 'epoll', 'async', 'batch'),
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
  ...RELAYS,
  ...UDP,
];

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
