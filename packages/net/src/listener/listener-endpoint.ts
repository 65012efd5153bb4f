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
 * The endpoint of a listener: a `net.Server`, and its connections that the program has not accepted
 * yet.
 */
export abstract class ListenerEndpoint<
  C extends StreamEndpoint<Address>,
  Address,
> extends Endpoint {
  /** @internal */
  protected readonly server: Server;
  readonly #local: Address;
  readonly #waiting: C[] = [];
  // One object for all, so that accepting captures no stack.
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
      // A program may stop here because descriptors ran out. It gets another event for the waiting
      // connections.
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

  /** Makes the endpoint of an accepted stream. @internal */
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

/** Listens on a new socket of this process. @internal */
export async function listen(options: Listening): Promise<Server> {
  checkMayListen(options.host ?? options.path, options.port);
  // Without `exclusive`, Node listens in the primary of a cluster: two workers would share the
  // port, and neither would get EADDRINUSE.
  return listening((server) => server.listen({ ...options, exclusive: true }));
}

async function listening(start: (server: Server) => void): Promise<Server> {
  // Paused, so that no byte of a connection is read before the program accepts it.
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
 * Listens on a descriptor of this process. In a worker of a cluster, `server.listen` would make the
 * primary listen on its own descriptor of that number, whatever `exclusive` says. The private
 * `_listen2` listens here.
 */
function listenOnFd(server: ServerOfCluster, fd: number): void {
  if (!cluster.isWorker) server.listen({ fd });
  else if (server._listen2 === undefined) throw unsupportedError(NO_CLUSTER);
  else server._listen2(null, null, null, 0, fd);
}

const NO_CLUSTER = 'this Node listens on descriptors in the primary of the cluster only';

/**
 * Makes a server of a listening descriptor.
 *
 * @param is whether the server's address is of the wanted kind.
 * @throws TypeError: it is not. The descriptor may be closed then.
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
