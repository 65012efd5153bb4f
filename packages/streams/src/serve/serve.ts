import type { ServerHttp2Session } from 'node:http2';
import type { Duplex } from 'node:stream';
import {
  type Connection,
  type Handler,
  type Listener,
  type Loop,
  Server,
  type ServerOptions,
} from '@evloop/service';
import { toDuplex } from '../socket/to-duplex.ts';
import { tlsTransport } from '../tls/tls-transport.ts';
import { type DrainedSocket, HttpDrain } from './drain.ts';
import { isHttp1, isTls, type NodeServer } from './node-server.ts';

/** Options of {@link serve}: see `ServerOptions` of `@evloop/service`. */
export type ServeOptions = Pick<ServerOptions, 'acceptPerTurn' | 'maxConnections' | 'overload'>;

type ServedSocket = Duplex & DrainedSocket;

/**
 * A server of Node that serves the connections of a listener of evloop.
 *
 * `server.close`, `server.listening` and `server.address` of the server work while it does.
 */
export class ServedListener {
  readonly #server: NodeServer;
  readonly #loop: Loop;
  readonly #acceptor: Server;
  readonly #sockets = new Set<ServedSocket>();
  readonly #sessions = new Set<ServerHttp2Session>();
  readonly #isTls: boolean;
  #ending: Promise<{ forced: number }> | undefined;

  constructor(server: NodeServer, listener: Listener, loop: Loop, options: ServeOptions) {
    this.#server = server;
    this.#loop = loop;
    this.#isTls = isTls(server);
    this.#acceptor = new Server(loop, [listener], (each) => this.#open(each), options);
    this.#lend(listener);
    server.on('session', this.#onSession);
    // What checks the timeouts of requests begins with this event, which only `listen` would emit.
    server.emit('listening');
  }

  /** The number of connections that are open. */
  get connections(): number {
    return this.#acceptor.connections;
  }

  /**
   * Accepts no more, lets each connection end with its next response, and resolves when the last
   * has ended. What is left after `deadlineMs` milliseconds is closed.
   *
   * A connection that is idle has half a second for a request that may be on its way. Sessions of
   * HTTP/2 are told to go away and finish their streams.
   *
   * @returns how many connections had to be closed.
   */
  async drain({ deadlineMs }: { readonly deadlineMs: number }): Promise<{ forced: number }> {
    const drain = new HttpDrain(this.#server, this.#loop, this.#sockets);
    drain.begin(this.#sessions);
    const deadline = this.#loop.deadlines.in(deadlineMs, () => this.#acceptor.close());
    try {
      return await this.#end();
    } finally {
      deadline.cancel();
      drain.end();
    }
  }

  /** Accepts no more and closes all connections now. */
  close(): void {
    void this.#end();
    this.#acceptor.close();
  }

  /** Closes everything and stops the loop: what `onSignals` of `@evloop/service` calls. */
  stop(): void {
    this.close();
    this.#loop.stop();
  }

  /** Stops listening. Resolves when the last connection has ended. */
  #end(): Promise<{ forced: number }> {
    this.#ending ??= this.#acceptor.drain({ deadlineMs: Infinity }).then((result) => {
      this.#takeBack();
      return result;
    });
    return this.#ending;
  }

  #open(connection: Connection): Handler {
    connection.detach();
    const { stream } = connection;
    const socket = (
      this.#isTls
        ? tlsTransport(stream, this.#loop)
        : toDuplex(stream, this.#loop, { allowHalfOpen: true })
    ) as ServedSocket;
    this.#sockets.add(socket);
    socket.once('close', () => {
      this.#sockets.delete(socket);
      connection.close();
    });
    // TLS reports errors of its transport as its own.
    if (this.#isTls) socket.on('error', () => {});
    this.#server.emit('connection', socket);
    return { step: () => 'wait', closed: () => socket.destroy() };
  }

  readonly #onSession = (session: ServerHttp2Session): void => {
    this.#sessions.add(session);
    session.once('close', () => this.#sessions.delete(session));
  };

  /** Gives the server what it would have if it listened itself. */
  #lend(listener: Listener): void {
    const address = listener.localAddr();
    const close = (onClose?: (error?: Error) => void) => {
      if (onClose !== undefined) this.#server.once('close', onClose);
      void this.#end();
      if (isHttp1(this.#server)) this.#server.closeIdleConnections();
      return this.#server;
    };
    Object.defineProperties(this.#server, {
      close: { value: close, configurable: true, writable: true },
      address: { value: () => address, configurable: true, writable: true },
      listening: { get: () => this.#acceptor.listening, configurable: true },
    });
  }

  /** Undoes {@link #lend}, and lets the server emit `'close'`. */
  #takeBack(): void {
    const server = this.#server as Partial<Pick<NodeServer, 'close' | 'address' | 'listening'>>;
    for (const name of ['close', 'address', 'listening'] as const)
      Reflect.deleteProperty(server, name);
    this.#server.off('session', this.#onSession);
    this.#server.close();
  }
}

/**
 * Lets a server of Node serve the connections of `listener`: an `http.Server`, an `https.Server`,
 * or one of HTTP/2, with or without TLS. The listener belongs to it from now on.
 *
 * All timeouts of the server are enforced, also `headersTimeout` and `requestTimeout`. TLS runs on
 * Node's own sockets where the backend has descriptors.
 *
 * @throws RangeError: an option is out of range. What registering the listener throws.
 */
export function serve(
  server: NodeServer,
  listener: Listener,
  loop: Loop,
  options: ServeOptions = {},
): ServedListener {
  return new ServedListener(server, listener, loop, options);
}
