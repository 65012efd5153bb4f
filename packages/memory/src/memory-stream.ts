import type { SocketAddress, TcpStream } from '@evloop/core';
import { MemoryStreamSocket } from './memory-stream-socket.ts';

/** A TCP stream in memory. */
export class MemoryStream extends MemoryStreamSocket<SocketAddress> implements TcpStream {
  #nodelay = false;

  nodelay(): boolean {
    this.checkOpen();
    return this.#nodelay;
  }
  setNodelay(on: boolean): void {
    this.checkOpen();
    this.#nodelay = on;
  }
  ttl(): number {
    return this.refuse('memory has no hops');
  }
  setTtl(_hops: number): void {
    this.ttl();
  }
}
