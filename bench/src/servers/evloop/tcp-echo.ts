import { type Backend, Interest, type Poll, WouldBlock } from '@evloop/core';
import { type Connection, Connections, SERVER } from './connections.ts';
import type { Handler } from './handler.ts';

/** Echoes straight from one buffer that all connections share; copies only what finds no room. */
export async function tcpEcho(
  backend: Backend,
  poll: Poll,
): Promise<{ port: number; handle: Handler }> {
  const listener = await backend.TcpListener.bind('127.0.0.1:0');
  const { registry } = poll;
  registry.register(listener, SERVER, Interest.READABLE);
  const connections = new Connections(poll);
  const buffer = new Uint8Array(65536);

  /** Reads until nothing is left. False when the connection is over. */
  function echo(connection: Connection): boolean {
    const { stream } = connection;
    for (;;) {
      const size = stream.read(buffer);
      if (size === WouldBlock) return true;
      if (size === 0) return false;
      const taken = stream.write(buffer, 0, size);
      if (taken === size) continue;
      connection.rest = buffer.slice(taken === WouldBlock ? 0 : taken, size);
      // And reads no more until that is gone.
      registry.reregister(stream, connection.token, Interest.WRITABLE);
      return true;
    }
  }

  function flush(connection: Connection, rest: Uint8Array): boolean {
    const { stream } = connection;
    let offset = 0;
    while (offset < rest.length) {
      const taken = stream.write(rest, offset);
      if (taken === WouldBlock) {
        connection.rest = rest.subarray(offset);
        return true;
      }
      offset += taken;
    }
    connection.rest = undefined;
    registry.reregister(stream, connection.token, Interest.READABLE);
    return true;
  }

  function handle(events: Parameters<Handler>[0]): void {
    for (const { token } of events) {
      if (token === SERVER) {
        connections.accept(listener);
        continue;
      }
      const connection = connections.all[token];
      if (connection === undefined) continue;
      try {
        const { rest } = connection;
        const goesOn = rest === undefined ? echo(connection) : flush(connection, rest);
        if (!goesOn) connections.close(connection);
      } catch {
        connections.close(connection);
      }
    }
  }

  return { port: listener.localAddr().port, handle };
}
