import { Agent, type AgentOptions, type ClientRequestArgs } from 'node:http';
import type { Loop } from '@evloop/service';
import { connectSocket } from '../socket/connect-socket.ts';
import type { EvloopSocket } from '../socket/evloop-socket.ts';

/** What an agent knows of the connection that it asks for. */
export interface AgentConnectOptions extends ClientRequestArgs {
  readonly keepAlive?: boolean | undefined;
  readonly keepAliveInitialDelay?: number | undefined;
  readonly noDelay?: boolean | undefined;
}

/**
 * An agent of `node:http` whose connections are on a loop of evloop.
 *
 * @example
 * ```ts
 * import { get } from 'node:http';
 * import { Loop } from '@evloop/service';
 * import { EvloopAgent } from '@evloop/streams';
 * import * as evloop from 'evloop';
 *
 * const loop = new Loop(evloop);
 * get('http://127.0.0.1:8000/', { agent: new EvloopAgent(loop, { keepAlive: true }) });
 * await loop.run();
 * ```
 */
export class EvloopAgent extends Agent {
  readonly #loop: Loop;

  constructor(loop: Loop, options?: AgentOptions) {
    super(options);
    this.#loop = loop;
  }

  /** Connects. The agent calls it. */
  override createConnection(options: ClientRequestArgs): EvloopSocket {
    const {
      socketPath,
      host,
      port,
      keepAlive,
      keepAliveInitialDelay,
      noDelay = true,
    } = options as AgentConnectOptions;
    const target = socketPath
      ? { path: socketPath }
      : { host: host ?? 'localhost', port: Number(port ?? 80) };
    const socket = connectSocket(this.#loop, target);
    if (noDelay) socket.setNoDelay(true);
    if (keepAlive) socket.setKeepAlive(true, keepAliveInitialDelay);
    return socket;
  }
}
