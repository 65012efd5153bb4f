import { join } from 'node:path';
import type { Contestant } from './contestant.ts';
import { builtServers } from './place.ts';

type Kind = 'udp-relay' | 'udp-options';

const ON_EPOLL = ['epoll', 'sync'] as const;

/** Servers of datagrams that are compared with one another alone. */
export const UDP: readonly Contestant[] = [
  of('udp-relay', 'udp-relay-batch-sync', 'epoll, pollSync, batches', [...ON_EPOLL], ['batch']),
  of('udp-relay', 'udp-relay-batch', 'epoll, poll, batches', ['epoll', 'poll'], ['batch']),
  of('udp-relay', 'udp-relay-sync', 'epoll, pollSync, one by one', [...ON_EPOLL]),
  of('udp-relay', 'udp-relay', 'epoll, poll, one by one', ['epoll', 'poll']),
  of('udp-relay', 'udp-relay-net', 'net', ['net', 'poll']),
  of('udp-relay', 'udp-relay-node', 'node:dgram', undefined),
  of('udp-options', 'udp-plain-sync', 'pollSync', [...ON_EPOLL]),
  of('udp-options', 'udp-options-sync', 'pollSync, all options', [...ON_EPOLL], ['informed']),
  of('udp-options', 'udp-plain', 'poll', ['epoll', 'poll']),
  of('udp-options', 'udp-options', 'poll, all options', ['epoll', 'poll'], ['informed']),
  of('udp-options', 'udp-plain-batch', 'poll, batches', ['epoll', 'poll'], ['batch']),
  of(
    'udp-options',
    'udp-options-batch',
    'poll, batches, all options',
    ['epoll', 'poll'],
    ['batch', 'informed'],
  ),
];

/** @param way the backend and how it waits; `undefined`: Node's own. */
function of(
  service: Kind,
  id: string,
  title: string,
  way: readonly string[] | undefined,
  styles: readonly string[] = [],
): Contestant {
  const file = join(builtServers, way === undefined ? 'node.js' : 'evloop/main.js');
  const command = [process.execPath, file, ...(way ?? []), service, ...styles];
  const ready = { version: process.version, command: () => command };
  return { id, title, services: [service], prepare: () => ready };
}
