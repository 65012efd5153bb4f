import { createSocket, type SocketOptions as NodeOptions, type Socket } from 'node:dgram';
import { once } from 'node:events';
import type { SocketAddress, SocketOptions, SystemError, UdpBindOptions } from '@evloop/core';
import {
  asNodeCounts,
  checkSocketOptionValue,
  givenSocketOptions,
  observed,
} from '@evloop/core/backend';
import { checkNumber } from './dgram-options.ts';
import { udpSupports } from './supports.ts';

const ATTEMPTS = 8;

/**
 * Returns the socket options, checked.
 *
 * @throws TypeError or RangeError: a value is invalid. `EVLOOP_UNSUPPORTED`: `supports.udpOptions`
 *   does not list the option.
 */
export function checkSocketOptions(options: SocketOptions = {}): SocketOptions {
  const checked: Record<string, unknown> = {};
  for (const name of givenSocketOptions(options, udpSupports.udpOptions)) {
    checked[name] = checkSocketOptionValue(name, options[name]);
  }
  return checked;
}

/** Returns the limits of the receive queue. @throws TypeError or RangeError: a limit is invalid. */
export function checkQueue(options: UdpBindOptions): { datagrams: number; bytes: number } {
  const { datagrams = 1024, bytes = 1 << 20 } = options.queue ?? {};
  checkNumber('queue.datagrams', datagrams, 1, Number.MAX_SAFE_INTEGER);
  checkNumber('queue.bytes', bytes, 1, Number.MAX_SAFE_INTEGER);
  return { datagrams, bytes };
}

/**
 * Makes a bound `node:dgram` socket.
 *
 * When a socket is disconnected, Linux forgets a port that it chose itself, and Node disconnects
 * whenever the peer changes. So a first socket lets the system choose a port, and the final socket
 * asks for that port by number.
 */
export async function bindDgram(
  address: SocketAddress,
  literal: string,
  options: SocketOptions,
): Promise<Socket> {
  if (address.port !== 0) return bindOnce(address, literal, options);
  for (let attempt = 1; ; attempt++) {
    const first = await bindOnce(address, literal, options);
    const { port } = first.address();
    const closed = once(first, 'close');
    first.close();
    await closed; // Deno frees the port only now
    try {
      return await bindOnce({ ...address, port }, literal, options);
    } catch (error) {
      if ((error as SystemError).code !== 'EADDRINUSE' || attempt === ATTEMPTS) throw error;
    }
  }
}

function bindOnce(
  address: SocketAddress,
  literal: string,
  options: SocketOptions,
): Promise<Socket> {
  const { reuseAddr = false, reusePort = false, ipv6Only = false } = options;
  const dgram = newDgram(address.family, {
    reuseAddr,
    ipv6Only: ipv6Only && address.family === 'IPv6',
    ...(reusePort ? { reusePort } : {}),
  });
  return new Promise((resolve, reject) => {
    dgram.once('error', (error) => {
      dgram.close();
      reject(observed(asNodeCounts(error as SystemError)));
    });
    dgram.once('listening', () => {
      dgram.removeAllListeners('error');
      resolve(dgram);
    });
    // Exclusive: in a worker of a cluster, the socket would otherwise belong to the primary.
    dgram.bind({ port: address.port, address: literal, exclusive: true });
  });
}

/** Makes a `node:dgram` socket that is not bound yet. */
export function newDgram(family: 'IPv4' | 'IPv6', options: object = {}): Socket {
  return createSocket({
    ...options,
    type: family === 'IPv4' ? 'udp4' : 'udp6',
    // It gets only literals. Because it calls back at once, Node binds, connects and sends at once.
    lookup: (host: string, family: number, done: (e: null, a: string, f: number) => void) =>
      done(null, host, family),
  } as unknown as NodeOptions);
}
