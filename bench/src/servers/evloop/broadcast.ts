import { type Backend, Interest, type Poll, type TcpStream, WouldBlock } from '@evloop/core';
import { LONGEST_LINE } from '../service.ts';
import { type Connection, Connections, SERVER } from './connections.ts';
import type { Handler } from './handler.ts';

const NEWLINE = 10;

/**
 * Sends each line of a client to all others; a client that has no room for a line is disconnected.
 */
export async function broadcast(
  backend: Backend,
  poll: Poll,
): Promise<{ port: number; handle: Handler }> {
  const listener = await backend.TcpListener.bind('127.0.0.1:0');
  poll.registry.register(listener, SERVER, Interest.READABLE);
  const connections = new Connections(poll);
  const buffer = new Uint8Array(65536);
  const prepare = (stream: TcpStream): void => stream.setNodelay(true);

  function sendToOthers(from: Connection, bytes: Uint8Array, length: number): void {
    for (const connection of connections.all) {
      if (connection === undefined || connection === from) continue;
      try {
        if (connection.stream.write(bytes, 0, length) === length) continue;
      } catch {}
      connections.close(connection);
    }
  }

  function relay(connection: Connection): boolean {
    for (;;) {
      const size = connection.stream.read(buffer);
      if (size === WouldBlock) return true;
      if (size === 0) return false;
      const { rest } = connection;
      const whole = buffer.subarray(0, size).lastIndexOf(NEWLINE) + 1;
      if (whole === 0) {
        if (rest !== undefined && rest.length > LONGEST_LINE) return false;
        connection.rest = joined(rest, buffer.subarray(0, size));
        continue;
      }
      connection.rest = whole < size ? buffer.slice(whole, size) : undefined;
      if (rest === undefined) {
        sendToOthers(connection, buffer, whole);
      } else {
        const lines = joined(rest, buffer.subarray(0, whole));
        sendToOthers(connection, lines, lines.length);
      }
    }
  }

  function handle(events: Parameters<Handler>[0]): void {
    for (const { token } of events) {
      const connection = connections.all[token];
      if (token === SERVER) connections.accept(listener, prepare);
      if (connection === undefined) continue;
      try {
        if (!relay(connection)) connections.close(connection);
      } catch {
        connections.close(connection);
      }
    }
  }

  return { port: listener.localAddr().port, handle };
}

function joined(first: Uint8Array | undefined, second: Uint8Array): Uint8Array {
  return first === undefined ? second.slice() : new Uint8Array(Buffer.concat([first, second]));
}
