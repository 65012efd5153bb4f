import {
  type Backend,
  Readiness,
  type RemoteWakerConstructor,
  type Supports,
  type TcpListener,
  type TcpStream,
  toSocketAddress,
  type UdpSocket,
} from '@evloop/core';
import {
  ChannelRemoteWaker,
  checkBacklog,
  givenSocketOptions,
  type Poll,
  systemError,
  UserSpaceSelector,
  UserSpaceSocket,
  unsupportedError,
} from '@evloop/core/backend';
import type { MemoryClock } from './clock-selector.ts';
import { MemoryListener } from './memory-listener.ts';
import { MemoryPoll } from './memory-poll.ts';
import { MemoryStream } from './memory-stream.ts';
import { UDP_OPTIONS } from './memory-udp-options.ts';
import { key, type MemoryNetwork, MemoryUdpSocket } from './memory-udp-socket.ts';
import { connectUnix, type MemoryNames, MemoryUnixListener } from './memory-unix-listener.ts';
import { MemoryUnixStream } from './memory-unix-stream.ts';

/** The parts of a backend. A broken backend replaces some of them. */
export interface Parts {
  readonly Poll: new (clock?: MemoryClock) => Poll;
  readonly Stream: new (readiness: typeof Readiness) => MemoryStream;
  readonly Listener: typeof MemoryListener;
  readonly UnixStream: new (readiness: typeof Readiness) => MemoryUnixStream;
  readonly UnixListener: typeof MemoryUnixListener;
  readonly Readiness: typeof Readiness;
  readonly RemoteWaker: RemoteWakerConstructor;
  readonly Udp: typeof MemoryUdpSocket;
  /** Abilities that it claims in addition. */
  readonly supports: Partial<Supports>;
}

/** The ports that the system chooses from: RFC 6335. */
const FIRST_PORT = 49152;
const LAST_PORT = 65535;

/** Options of {@link memoryBackend}. */
export interface MemoryOptions {
  /** The clock of its polls. Default: the host's. */
  readonly clock?: MemoryClock | undefined;
}

/**
 * Makes a backend with its own ports and paths: the sockets of one backend reach only each other.
 *
 * @param parts replacements for the backend's own parts, for tests.
 */
export function memoryBackend({ clock }: MemoryOptions = {}, parts: Partial<Parts> = {}): Backend {
  const all: Parts = {
    Poll: MemoryPoll,
    Stream: MemoryStream,
    Listener: MemoryListener,
    UnixStream: MemoryUnixStream,
    UnixListener: MemoryUnixListener,
    Readiness: Readiness,
    RemoteWaker: ChannelRemoteWaker,
    Udp: MemoryUdpSocket,
    supports: {},
    ...parts,
  };
  const ports = new Map<number, MemoryListener>();
  const network: MemoryNetwork = new Map();
  const names: MemoryNames = new Map();
  const noFds = (): never => {
    throw unsupportedError('there are no descriptors in memory');
  };
  let lastPort = LAST_PORT;
  /**
   * Returns the next free port. Ports are used again, because random programs need more than there
   * are.
   */
  const freePort = (taken: (port: number) => boolean = () => false): number => {
    do lastPort = lastPort < LAST_PORT ? lastPort + 1 : FIRST_PORT;
    while (taken(lastPort));
    return lastPort;
  };

  return {
    name: 'memory',
    supports: {
      ...UserSpaceSelector.supports,
      ...UserSpaceSocket.supports,
      tcpTtl: false,
      closeBehindBacklog: true,
      acceptRecovery: false,
      adoptFd: false,
      tcpReusePort: false,
      unixStreams: true,
      abstractNames: false,
      unixPair: false,
      unixReset: true,
      peerCredentials: false,
      fdPassing: false,
      udpBatch: false,
      udpSegmentation: false,
      udpCoalescing: false,
      udpKernelDrops: false,
      udpRefusals: true,
      udpReusePort: false,
      udpPacketInfo: false,
      udpHeaderFields: false,
      udpTimestamps: false,
      udpErrorQueue: false,
      udpPathMtu: false,
      udpSteering: false,
      udpSourceMulticast: false,
      udpOptions: UDP_OPTIONS,
      ...all.supports,
    },
    Poll: class extends all.Poll {
      constructor() {
        super(clock);
      }
    },
    RemoteWaker: all.RemoteWaker,
    TcpListener: {
      bind(input, options): TcpListener {
        const wanted = toSocketAddress(input);
        checkBacklog(options?.backlog);
        givenSocketOptions(options?.socket, []);
        const port = wanted.port || freePort((port) => ports.has(port));
        if (ports.has(port)) throw systemError('EADDRINUSE', 'bind', wanted);
        return new all.Listener(all.Readiness, ports, { ...wanted, port });
      },
      fromFd: noFds,
    },
    TcpStream: {
      fromFd: noFds,
      connect(input, options): TcpStream {
        const remote = toSocketAddress(input);
        givenSocketOptions(options?.socket, []);
        const stream = new all.Stream(all.Readiness);
        queueMicrotask(() => {
          if (stream.readiness.closed) return;
          const listener = ports.get(remote.port);
          if (listener === undefined || listener.localAddr().family !== remote.family) {
            stream.refuseConnect(systemError('ECONNREFUSED', 'connect', remote));
            return;
          }
          const accepted = new all.Stream(all.Readiness);
          const local = { ...remote, port: freePort() };
          stream.link(accepted, local, remote);
          accepted.link(stream, remote, local);
          listener.arrive(accepted);
        });
        return stream;
      },
    },
    UnixListener: {
      bind: (path, options) => new all.UnixListener(all.Readiness, names, path, options),
      fromFd: noFds,
    },
    UnixStream: {
      connect: (path) => connectUnix(all.UnixStream, all.Readiness, names, path),
      pair: noFds,
      fromFd: noFds,
    },
    UdpSocket: {
      fromFd(): never {
        throw unsupportedError('there are no descriptors in memory');
      },
      bind(input, options = {}): UdpSocket {
        const wanted = toSocketAddress(input);
        givenSocketOptions(options.socket, UDP_OPTIONS);
        if (!['127.0.0.1', '::1', '0.0.0.0', '::'].includes(wanted.address)) {
          throw systemError('EADDRNOTAVAIL', 'bind', wanted);
        }
        const port = wanted.port || freePort((port) => network.has(key({ ...wanted, port })));
        const local = { ...wanted, port };
        const taken = network.get(key(local));
        const reuseAddr = options.socket?.reuseAddr;
        if (taken !== undefined && !(reuseAddr && taken.socketOption('reuseAddr'))) {
          throw systemError('EADDRINUSE', 'bind', local);
        }
        return new all.Udp(all.Readiness, network, local, options);
      },
    },
  };
}
