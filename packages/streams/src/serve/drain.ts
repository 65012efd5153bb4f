import type { ServerResponse } from 'node:http';
import type { ServerHttp2Session } from 'node:http2';
import type { Deadline, Loop } from '@evloop/service';
import { isHttp1, type NodeServer } from './node-server.ts';

/** How long a connection that is idle when the drain begins has for a request on its way. */
const GRACE_MS = 500;
/** How often connections that have become idle are looked for after that. */
const CHECK_MS = 50;

/** What a drain needs to know of a connection. */
export interface DrainedSocket {
  readonly bytesRead: number;
  destroy(): unknown;
}

/** Lets the clients of an HTTP server go, without losing a response. */
export class HttpDrain {
  readonly #server: NodeServer;
  readonly #loop: Loop;
  readonly #sockets: ReadonlySet<DrainedSocket>;
  #check: Deadline | undefined;

  constructor(server: NodeServer, loop: Loop, sockets: ReadonlySet<DrainedSocket>) {
    this.#server = server;
    this.#loop = loop;
    this.#sockets = sockets;
  }

  /**
   * Begins. Each response closes its connection from now on. Connections that had no request in the
   * grace period are closed.
   */
  begin(sessions: Iterable<ServerHttp2Session>): void {
    for (const session of sessions) session.close();
    this.#server.prependListener('session', closeSession);
    this.#server.prependListener('request', closeAfter);
    this.#server.prependListener('checkContinue', closeAfter);
    this.#check = this.#loop.deadlines.in(GRACE_MS, () => this.#closeIdle());
  }

  /** Ends. */
  end(): void {
    this.#check?.cancel();
    this.#server.off('session', closeSession);
    this.#server.off('request', closeAfter);
    this.#server.off('checkContinue', closeAfter);
  }

  #closeIdle(): void {
    if (isHttp1(this.#server)) this.#server.closeIdleConnections();
    // To Node, a connection that has never sent anything is not idle.
    for (const socket of this.#sockets) if (socket.bytesRead === 0) socket.destroy();
    this.#check?.touch(CHECK_MS);
  }
}

function closeSession(session: ServerHttp2Session): void {
  session.close();
}

function closeAfter(request: { httpVersionMajor: number }, response: ServerResponse): void {
  if (request.httpVersionMajor < 2 && !response.headersSent) {
    response.setHeader('Connection', 'close');
  }
}
