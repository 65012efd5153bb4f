import type { SocketAddress } from '@evloop/core';
import { linuxError } from '@evloop/core/backend';
import { isWildcard } from '../network/interfaces.ts';

/** What is bound to a port. */
export interface Bound {
  readonly local: SocketAddress;
  /** Also serves IPv4 when it is bound to `::`. */
  readonly dual: boolean;
}

/** The ports of one protocol on one host. */
export class PortTable<Socket extends Bound> {
  readonly #first: number;
  readonly #last: number;
  readonly #bound = new Map<number, Socket[]>();
  #next: number;

  constructor(first: number, last: number, start: number) {
    this.#first = first;
    this.#last = last;
    this.#next = first + (start % (last - first + 1));
  }

  /** Binds a socket. @throws `EADDRINUSE`: another socket has the address. */
  add(socket: Socket, syscall: string, shares: (other: Socket) => boolean): void {
    const others = this.#bound.get(socket.local.port) ?? [];
    if (others.some((other) => overlap(other, socket) && !shares(other))) {
      throw linuxError('EADDRINUSE', syscall, socket.local);
    }
    this.#bound.set(socket.local.port, [...others, socket]);
  }

  remove(socket: Socket): void {
    const left = (this.#bound.get(socket.local.port) ?? []).filter((other) => other !== socket);
    if (left.length > 0) this.#bound.set(socket.local.port, left);
    else this.#bound.delete(socket.local.port);
  }

  /** The sockets for what arrives at `address`: the most exact ones. */
  find({ address, port, family }: SocketAddress): readonly Socket[] {
    const all = this.#bound.get(port);
    if (all === undefined) return [];
    const exact = all.filter(({ local }) => local.address === address);
    if (exact.length > 0) return exact;
    const wild = all.filter(({ local }) => isWildcard(local.address) && local.family === family);
    if (wild.length > 0) return wild;
    return all.filter(({ local, dual }) => dual && local.address === '::');
  }

  /**
   * A free port.
   *
   * @returns `undefined`: all ports are taken.
   */
  free(taken: (port: number) => boolean = () => false): number | undefined {
    for (let tries = this.#last - this.#first + 1; tries > 0; tries--) {
      const port = this.#next;
      this.#next = port === this.#last ? this.#first : port + 1;
      if (!this.#bound.has(port) && !taken(port)) return port;
    }
    return undefined;
  }

  clear(): void {
    this.#bound.clear();
  }
}

function overlap(a: Bound, b: Bound): boolean {
  if (a.local.address === b.local.address) return true;
  const [wildA, wildB] = [isWildcard(a.local.address), isWildcard(b.local.address)];
  if (!wildA && !wildB) return false;
  if (a.local.family === b.local.family) return true;
  const six = a.local.family === 'IPv6' ? a : b;
  return six.dual && isWildcard(six.local.address);
}
