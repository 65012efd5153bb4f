// Not a reference: the smallest correct backend that the suite can be tried on, with sockets in this process's memory.
import * as core from '@evloop/core';
import { key, type MemoryNetwork, MemoryUdpSocket } from './minimal-datagram.ts';
import { MemorySocket, MemoryStream, systemError } from './minimal-stream.ts';
import {
  connectUnix,
  type MemoryNames,
  MemoryUnixListener,
  MemoryUnixStream,
} from './minimal-unix.ts';

/** The parts of a backend. A broken one replaces some. */
export interface Parts {
  readonly Poll: new () => core.Poll;
  readonly Stream: new (readiness: typeof core.Readiness) => MemoryStream;
  readonly Listener: typeof MemoryListener;
  readonly UnixStream: new (readiness: typeof core.Readiness) => MemoryUnixStream;
  readonly UnixListener: typeof MemoryUnixListener;
  readonly Readiness: typeof core.Readiness;
  readonly RemoteWaker: core.RemoteWakerConstructor;
  readonly Udp: typeof MemoryUdpSocket;
}

export class MemoryPoll extends core.Poll {
  constructor() {
    super(new core.UserSpaceSelector());
  }
}

export class MemoryListener extends MemorySocket implements core.TcpListener {
  readonly queue: MemoryStream[] = [];
  readonly address: core.SocketAddress;
  readonly #ports: Map<number, MemoryListener>;

  constructor(parts: Parts, ports: Map<number, MemoryListener>, address: core.SocketAddress) {
    super(parts.Readiness);
    this.address = address;
    this.#ports = ports;
    ports.set(address.port, this);
  }

  arrive(stream: MemoryStream): void {
    this.queue.push(stream);
    this.readiness.set(core.Ready.READABLE);
  }

  accept(): core.TcpStream | core.WouldBlock {
    this.checkOpen();
    const stream = this.queue.shift();
    if (stream !== undefined) return stream;
    this.readiness.clear(core.Ready.READABLE);
    return core.WouldBlock;
  }

  localAddr(): core.SocketAddress {
    this.checkOpen();
    return this.address;
  }

  takeError(): undefined {
    this.checkOpen();
  }

  ttl(): number {
    this.checkOpen();
    throw core.unsupportedError('memory has no hops');
  }
  setTtl(_hops: number): void {
    this.ttl();
  }

  close(): void {
    if (this.readiness.closed) return;
    this.readiness.close();
    this.#ports.delete(this.address.port);
    for (const stream of this.queue) stream.reset();
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
    RemoteWaker: core.ChannelRemoteWaker,
    Udp: MemoryUdpSocket,
    ...parts,
  };
  const ports = new Map<number, MemoryListener>();
  const network: MemoryNetwork = new Map();
  const names: MemoryNames = new Map();
  const noFds = (): never => {
    throw core.unsupportedError('there are no descriptors in memory');
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
      ...core.UserSpaceSelector.supports,
      priority: false,
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
      tcpStreamOptions: [],
      tcpListenerOptions: [],
      unixOptions: [],
      udpOptions: [],
      rawOptions: false,
    },
    Poll: all.Poll,
    RemoteWaker: all.RemoteWaker,
    TcpListener: {
      bind(input, options): core.TcpListener {
        const wanted = core.toSocketAddress(input);
        const backlog = options?.backlog ?? 511;
        if (!Number.isInteger(backlog) || backlog < 1 || backlog > 65535) {
          throw new RangeError('a backlog is an integer from 1 to 65535');
        }
        core.givenSocketOptions(options?.socket, []);
        if (options?.reusePort) throw core.unsupportedError('memory has no reusePort');
        const port = wanted.port || freePort((port) => ports.has(port));
        if (ports.has(port)) throw systemError('EADDRINUSE', 'bind', wanted);
        return new all.Listener(all, ports, { ...wanted, port });
      },
      fromFd: noFds,
    },
    TcpStream: {
      fromFd: noFds,
      connect(input, options): core.TcpStream {
        const remote = core.toSocketAddress(input);
        core.givenSocketOptions(options?.socket, []);
        const stream = new all.Stream(all.Readiness);
        if (options?.nodelay) stream.setNodelay(true);
        queueMicrotask(() => {
          if (stream.readiness.closed) return;
          const listener = ports.get(remote.port);
          if (listener === undefined || listener.address.family !== remote.family) {
            stream.fail(systemError('ECONNREFUSED', 'connect', remote));
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
        throw core.unsupportedError('there are no descriptors in memory');
      },
      bind(input, options = {}): core.UdpSocket {
        const wanted = core.toSocketAddress(input);
        core.givenSocketOptions(options.socket, []);
        if (options.reusePort) throw core.unsupportedError('memory has no reusePort');
        if (!['127.0.0.1', '::1', '0.0.0.0', '::'].includes(wanted.address)) {
          throw systemError('EADDRNOTAVAIL', 'bind', wanted);
        }
        const port = wanted.port || freePort((port) => network.has(key({ ...wanted, port })));
        const local = { ...wanted, port };
        const taken = network.get(key(local));
        if (taken !== undefined && !(options.reuseAddr && taken.reuseAddr())) {
          throw systemError('EADDRINUSE', 'bind', local);
        }
        return new all.Udp(all.Readiness, network, local, options);
      },
    },
  };
}
