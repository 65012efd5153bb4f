import { once } from 'node:events';
import { fstatSync } from 'node:fs';
import { createServer, type Server, type Socket } from 'node:net';
import {
  type Origin,
  observed,
  Ready,
  type SocketAddress,
  type SystemError,
  type TcpBindOptions,
  WouldBlock,
} from '@evloop/core';
import { Connection, SOCKET_OPTIONS } from './connection.ts';
import { Endpoint } from './endpoint.ts';

/** The inside of a listener: a `net.Server`, and the connections that it has accepted and the program has not. */
export class Acceptor extends Endpoint {
  readonly #server: Server;
  readonly #waiting: Connection[] = [];
  readonly #local: SocketAddress;
  /** The address of every accepted socket, where they are all the same. */
  readonly #acceptedLocal: SocketAddress | undefined;
  // One for all, so that accepting captures nothing.
  readonly #acceptedOrigin: Origin = {
    toString: () => `a connection accepted by the ${this.origin}`,
  };
  #error: SystemError | undefined;

  private constructor(server: Server, origin: Origin) {
    super(origin);
    this.#server = server;
    this.#local = Object.freeze(server.address() as SocketAddress);
    const wild = this.#local.address === '0.0.0.0' || this.#local.address === '::';
    this.#acceptedLocal = wild ? undefined : this.#local;
    server.on('connection', (socket) => this.#onConnection(socket));
    server.on('error', (error) => this.#onError(observed(error as SystemError)));
    server.unref();
  }

  /** Binds and listens. */
  static async listen(
    local: SocketAddress,
    options: TcpBindOptions & { readonly backlog: number },
    origin: Origin,
  ): Promise<Acceptor> {
    // Paused, so that nothing of a connection is lost, or even read, before it is accepted.
    const server = createServer({ ...SOCKET_OPTIONS, pauseOnConnect: true });
    const { backlog, ipv6Only = false } = options;
    server.listen({ host: local.address, port: local.port, backlog, ipv6Only });
    await once(server, 'listening').catch((error) => {
      throw observed(error);
    });
    return new Acceptor(server, origin);
  }

  /** Takes over a descriptor that listens. */
  static async adopt(fd: number, origin: Origin): Promise<Acceptor> {
    // What is no socket at all would be closed by libuv's attempt. fstat(2) says EBADF, in Node's shape.
    if (!fstatSync(fd).isSocket()) throw new TypeError(`descriptor ${fd} is no socket`);
    const server = createServer({ ...SOCKET_OPTIONS, pauseOnConnect: true });
    try {
      server.listen({ fd });
      await once(server, 'listening');
    } catch (error) {
      throw new TypeError(`descriptor ${fd} is not a TCP listener`, { cause: error });
    }
    if (typeof server.address() !== 'object') {
      server.close();
      throw new TypeError(`descriptor ${fd} is not a TCP listener`);
    }
    return new Acceptor(server, origin);
  }

  accept(): Connection | WouldBlock {
    const error = this.takeError();
    if (error !== undefined) {
      // Whoever stops here, for want of descriptors, is told again of those that wait.
      this.readiness.clear(Ready.READABLE);
      if (this.#waiting.length > 0) this.readiness.set(Ready.READABLE);
      throw error;
    }
    const connection = this.#waiting.shift();
    if (connection === undefined) {
      this.readiness.clear(Ready.READABLE);
      return WouldBlock;
    }
    connection.start();
    return connection;
  }

  localAddr(): SocketAddress {
    return this.#local;
  }

  takeError(): SystemError | undefined {
    const error = this.#error;
    this.#error = undefined;
    return error;
  }

  release(): void {
    this.#server.close();
    for (const connection of this.#waiting) connection.abort();
    this.#waiting.length = 0;
  }

  #onConnection(socket: Socket): void {
    this.#waiting.push(new Connection(socket, this.#acceptedOrigin, this.#acceptedLocal));
    this.readiness.set(Ready.READABLE);
  }

  #onError(error: SystemError): void {
    this.#error = error;
    this.readiness.set(Ready.READABLE);
  }
}
