import cluster from 'node:cluster';
import { once } from 'node:events';
import { createServer, type ListenOptions, type Server, type Socket } from 'node:net';
import { isEvloopError, Ready, type SystemError, WouldBlock } from '@evloop/core';
import { asNodeCounts, type Origin, observed, unsupportedError } from '@evloop/core/backend';
import { wrongKind } from '../socket/adopted-fd.ts';
import { Endpoint } from '../socket/endpoint.ts';
import { SOCKET_OPTIONS, type StreamEndpoint } from '../stream/stream-endpoint.ts';
import { checkMayListen } from './permission.ts';

/**
 * The inside of a listener: a `net.Server`, and the connections that it has accepted and the
 * program has not.
 */
export abstract class ListenerEndpoint<
  C extends StreamEndpoint<Address>,
  Address,
> extends Endpoint {
  /** @internal */
  protected readonly server: Server;
  readonly #local: Address;
  readonly #waiting: C[] = [];
  // One for all, so that accepting captures nothing.
  readonly #acceptedOrigin: Origin = {
    toString: () => `a connection accepted by the ${this.origin}`,
  };
  #error: SystemError | undefined;

  /** @param server listens. @internal */
  constructor(server: Server, local: Address, origin: Origin) {
    super(origin);
    this.server = server;
    this.#local = local;
    server.on('connection', (socket) => this.#onConnection(socket));
    server.on('error', (error) => this.#onError(observed(error as SystemError)));
    server.unref();
  }

  accept(): C | WouldBlock {
    const error = this.takeError();
    if (error !== undefined) {
      // Whoever stops here, for want of descriptors, is told again of those that wait.
      this.readiness.clear(Ready.READABLE);
      if (this.#waiting.length > 0) this.readiness.set(Ready.READABLE);
      throw error;
    }
    const stream = this.#waiting.shift();
    if (stream === undefined) {
      this.readiness.clear(Ready.READABLE);
      return WouldBlock;
    }
    stream.start();
    return stream;
  }

  localAddr(): Address {
    return this.#local;
  }

  takeError(): SystemError | undefined {
    const error = this.#error;
    this.#error = undefined;
    return error;
  }

  release(): void {
    this.server.close();
    for (const stream of this.#waiting) stream.closeUnaccepted();
    this.#waiting.length = 0;
  }

  /** The inside of a stream that was accepted. @internal */
  protected abstract makeStream(socket: Socket, origin: Origin): C;

  #onConnection(socket: Socket): void {
    this.#waiting.push(this.makeStream(socket, this.#acceptedOrigin));
    this.readiness.set(Ready.READABLE);
  }

  #onError(error: SystemError): void {
    this.#error = error;
    this.readiness.set(Ready.READABLE);
  }
}

/** @internal */
type Listening = Pick<ListenOptions, 'host' | 'port' | 'path' | 'backlog' | 'ipv6Only'>;

/** A server that listens on a socket of this process. @internal */
export async function listen(options: Listening): Promise<Server> {
  checkMayListen(options.host ?? options.path, options.port);
  // In a worker of a cluster, Node otherwise listens in the primary: two workers would share the
  // port, and neither learns that it is taken.
  return listening((server) => server.listen({ ...options, exclusive: true }));
}

async function listening(start: (server: Server) => void): Promise<Server> {
  // Paused, so that nothing of a connection is lost, or even read, before it is accepted.
  const server = createServer({ ...SOCKET_OPTIONS, pauseOnConnect: true });
  start(server);
  await once(server, 'listening').catch((error: SystemError) => {
    throw observed(asNodeCounts(error));
  });
  return server;
}

interface ServerOfCluster extends Server {
  _listen2?(address: null, port: null, addressType: null, backlog: number, fd: number): void;
}

/**
 * Listens on a descriptor of this process. `server.listen` has the primary of a cluster listen on
 * its own descriptor of that number, whatever `exclusive` says; what it calls elsewhere is
 * `_listen2`.
 */
function listenOnFd(server: ServerOfCluster, fd: number): void {
  if (!cluster.isWorker) server.listen({ fd });
  else if (server._listen2 === undefined) throw unsupportedError(NO_CLUSTER);
  else server._listen2(null, null, null, 0, fd);
}

const NO_CLUSTER = 'this Node listens on descriptors in the primary of the cluster only';

/**
 * A server on a descriptor that listens.
 *
 * @param is whether a server's address is one of the kind that is wanted.
 * @throws TypeError when it is not; the descriptor may be closed then.
 * @internal
 */
export async function listenOn(
  fd: number,
  kind: string,
  is: (address: ReturnType<Server['address']>) => boolean,
): Promise<Server> {
  let server: Server;
  try {
    server = await listening((made) => listenOnFd(made, fd));
  } catch (error) {
    throw isEvloopError(error) ? error : wrongKind(fd, kind, error);
  }
  if (is(server.address())) return server;
  server.close();
  throw wrongKind(fd, kind);
}
