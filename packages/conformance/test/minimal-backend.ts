// Not a reference: the smallest correct backend that the suite can be tried on, with sockets in this process's memory.
import * as core from '@evloop/core';
import * as base from '@evloop/core/backend';
import { key, type MemoryNetwork, MemoryUdpSocket } from './minimal-datagram.ts';
import { UDP_OPTIONS } from './minimal-datagram-options.ts';
import { MemoryStream } from './minimal-stream.ts';
import {
  connectUnix,
  type MemoryNames,
  MemoryUnixListener,
  MemoryUnixStream,
} from './minimal-unix.ts';

/** The parts of a backend. A broken one replaces some. */
export interface Parts {
  readonly Poll: new () => base.Poll;
  readonly Stream: new (readiness: typeof core.Readiness) => MemoryStream;
  readonly Listener: typeof MemoryListener;
  readonly UnixStream: new (readiness: typeof core.Readiness) => MemoryUnixStream;
  readonly UnixListener: typeof MemoryUnixListener;
  readonly Readiness: typeof core.Readiness;
  readonly RemoteWaker: core.RemoteWakerConstructor;
  readonly Udp: typeof MemoryUdpSocket;
  /** What it claims in addition. */
  readonly supports: Partial<core.Supports>;
}

export class MemoryPoll extends base.Poll {
  constructor() {
    super(new base.UserSpaceSelector());
  }
}

export class MemoryListener
  extends base.UserSpaceListener<MemoryStream, core.SocketAddress>
  implements core.TcpListener
{
  readonly #ports: Map<number, MemoryListener>;

  constructor(parts: Parts, ports: Map<number, MemoryListener>, local: core.SocketAddress) {
    super(local, parts.Readiness);
    this.#ports = ports;
    ports.set(local.port, this);
  }

  ttl(): number {
    return this.refuse('memory has no hops');
  }
  setTtl(_hops: number): void {
    this.ttl();
  }

  protected release(): void {
    this.#ports.delete(this.local.port);
  }
}

/** The ports that the system chooses from: RFC 6335. */
const FIRST_PORT = 49152;
const LAST_PORT = 65535;

/** A backend of its own, with its own ports, made of `parts`. */
export function minimalBackend(parts: Partial<Parts> = {}): core.Backend {
  const all: Parts = {
    Poll: MemoryPoll,
    Stream: MemoryStream,
    Listener: MemoryListener,
    UnixStream: MemoryUnixStream,
    UnixListener: MemoryUnixListener,
    Readiness: core.Readiness,
    RemoteWaker: base.ChannelRemoteWaker,
    Udp: MemoryUdpSocket,
    supports: {},
    ...parts,
  };
  const ports = new Map<number, MemoryListener>();
  const network: MemoryNetwork = new Map();
  const names: MemoryNames = new Map();
  const noFds = (): never => {
    throw base.unsupportedError('there are no descriptors in memory');
  };
  let lastPort = LAST_PORT;
  /** The next port that is free: random programs need more than there are. */
  const freePort = (taken: (port: number) => boolean = () => false): number => {
    do lastPort = lastPort < LAST_PORT ? lastPort + 1 : FIRST_PORT;
    while (taken(lastPort));
    return lastPort;
  };

  return {
    name: 'minimal',
    supports: {
      ...base.UserSpaceSelector.supports,
      ...base.UserSpaceSocket.supports,
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
      udpReusePort: false,
      udpOptions: UDP_OPTIONS,
      ...all.supports,
    },
    Poll: all.Poll,
    RemoteWaker: all.RemoteWaker,
    TcpListener: {
      bind(input, options): core.TcpListener {
        const wanted = core.toSocketAddress(input);
        base.checkBacklog(options?.backlog);
        base.givenSocketOptions(options?.socket, []);
        if (options?.reusePort) throw base.unsupportedError('memory has no reusePort');
        const port = wanted.port || freePort((port) => ports.has(port));
        if (ports.has(port)) throw base.systemError('EADDRINUSE', 'bind', wanted);
        return new all.Listener(all, ports, { ...wanted, port });
      },
      fromFd: noFds,
    },
    TcpStream: {
      fromFd: noFds,
      connect(input, options): core.TcpStream {
        const remote = core.toSocketAddress(input);
        base.givenSocketOptions(options?.socket, []);
        const stream = new all.Stream(all.Readiness);
        if (options?.nodelay) stream.setNodelay(true);
        queueMicrotask(() => {
          if (stream.readiness.closed) return;
          const listener = ports.get(remote.port);
          if (listener === undefined || listener.localAddr().family !== remote.family) {
            stream.refuseConnect(base.systemError('ECONNREFUSED', 'connect', remote));
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
        throw base.unsupportedError('there are no descriptors in memory');
      },
      bind(input, options = {}): core.UdpSocket {
        const wanted = core.toSocketAddress(input);
        base.givenSocketOptions(options.socket, UDP_OPTIONS);
        if (options.reusePort) throw base.unsupportedError('memory has no reusePort');
        if (!['127.0.0.1', '::1', '0.0.0.0', '::'].includes(wanted.address)) {
          throw base.systemError('EADDRNOTAVAIL', 'bind', wanted);
        }
        const port = wanted.port || freePort((port) => network.has(key({ ...wanted, port })));
        const local = { ...wanted, port };
        const taken = network.get(key(local));
        const reuseAddr = options.reuseAddr ?? options.socket?.reuseAddr;
        if (taken !== undefined && !(reuseAddr && taken.socketOption('reuseAddr'))) {
          throw base.systemError('EADDRINUSE', 'bind', local);
        }
        return new all.Udp(all.Readiness, network, local, options);
      },
    },
  };
}
