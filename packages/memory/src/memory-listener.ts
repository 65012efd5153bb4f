import type { Readiness, SocketAddress, TcpListener } from '@evloop/core';
import { UserSpaceListener } from '@evloop/core/backend';
import type { MemoryStream } from './memory-stream.ts';

/** A TCP listener in memory. */
export class MemoryListener
  extends UserSpaceListener<MemoryStream, SocketAddress>
  implements TcpListener
{
  readonly #ports: Map<number, MemoryListener>;

  constructor(
    readiness: typeof Readiness,
    ports: Map<number, MemoryListener>,
    local: SocketAddress,
  ) {
    super(local, readiness);
    this.#ports = ports;
    ports.set(local.port, this);
  }

  ttl(): number {
    return this.refuse('memory has no hops');
  }
  setTtl(_hops: number): void {
    this.ttl();
  }

  protected release(): void {
    this.#ports.delete(this.local.port);
  }
}
