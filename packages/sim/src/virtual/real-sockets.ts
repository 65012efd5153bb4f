import dgram from 'node:dgram';
import net from 'node:net';
import { type Replacement, virtualFunction } from './replacement.ts';

/** Opening a real socket inside a host is an error that names the socket. */
export function realSockets(): Replacement[] {
  return [
    refusal(net.Socket.prototype, 'connect', 'net.Socket'),
    refusal(net.Server.prototype, 'listen', 'net.Server'),
    refusal(dgram.Socket.prototype, 'bind', 'dgram.Socket'),
    refusal(dgram.Socket.prototype, 'send', 'dgram.Socket'),
    refusal(dgram.Socket.prototype, 'connect', 'dgram.Socket'),
  ];
}

function refusal(object: object, name: string, kind: string): Replacement {
  return virtualFunction(object, name, ({ host }, ...args: unknown[]) => {
    const to = args.filter((arg) => typeof arg !== 'function').map(inWords);
    throw new Error(
      `host ${host.name} opens a real socket: ${kind}.${name}(${to.join(', ')}); ` +
        'inside a simulation use the sockets of the host’s backend',
    );
  });
}

function inWords(arg: unknown): string {
  try {
    return JSON.stringify(arg) ?? String(arg);
  } catch {
    return String(arg);
  }
}
