import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import type { Contestant } from './contestant.ts';
import { cPeer } from './native-programs.ts';
import { builtServers } from './place.ts';

/** Programs that relay to an echo server: the example tcp_proxy, Node's `pipe`, and haproxy. */
export const RELAYS: readonly Contestant[] = [
  relay('relay-epoll-sync', 'tcp_proxy on @evloop/epoll, pollSync', ['tcp_proxy', 'epoll', 'sync']),
  relay('relay-epoll', 'tcp_proxy on @evloop/epoll, poll', ['tcp_proxy', 'epoll', 'async']),
  relay('relay-net', 'tcp_proxy on @evloop/net', ['tcp_proxy', 'net', 'async']),
  relay('relay-node', 'node:net, pipe both ways', ['node']),
  relay('haproxy', 'haproxy in TCP mode, one thread', ['haproxy']),
  relay('haproxy-splice', 'the same, with splice', ['haproxy', 'splice']),
];

function relay(id: string, title: string, args: readonly string[]): Contestant {
  return {
    id,
    title,
    services: ['tcp-relay'],
    prepare() {
      const upstream = cPeer('epoll', []);
      if ('lacks' in upstream) {
        return { what: id, why: upstream.lacks, command: 'apt-get install gcc' };
      }
      const [program, flag, packageName] =
        args[0] === 'haproxy'
          ? ['haproxy', '-v', 'haproxy']
          : ['setpriv', '--version', 'util-linux'];
      const { status, stdout } = spawnSync(program as string, [flag as string], {
        encoding: 'utf8',
      });
      if (status !== 0) {
        return { what: id, why: `no ${program}`, command: `apt-get install ${packageName}` };
      }
      const version = args[0] === 'haproxy' ? stdout.split('\n', 1)[0] : process.version;
      const file = join(builtServers, 'relay.js');
      return {
        version: String(version),
        command: () => [process.execPath, file, upstream.path, ...args],
      };
    },
  };
}
