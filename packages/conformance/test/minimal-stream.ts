// Not a reference: the smallest correct stream that the suite can be tried on. It lives in this process's memory,
// knows one host, and is written for brevity.
import { Ready, type SocketAddress, type SystemError, type TcpStream } from '@evloop/core';
import { systemError, UserSpaceStream } from '@evloop/core/backend';

const WINDOW = 64 * 1024;

export abstract class MemoryStreamSocket<Address> extends UserSpaceStream<Address> {
  protected incoming: Uint8Array = new Uint8Array(0);
  protected peer: MemoryStreamSocket<Address> | undefined;

  link(peer: MemoryStreamSocket<Address>, local: Address, remote: Address): void {
    this.peer = peer;
    this.connected(local, remote);
  }

  refuseConnect(error: SystemError): void {
    this.fail(error);
  }

  protected look(into: Uint8Array): number {
    const bytes = this.incoming.subarray(0, into.length);
    into.set(bytes);
    return bytes.length;
  }

  protected consume(size: number): void {
    this.incoming = this.incoming.slice(size);
    this.peer?.readiness.set(Ready.WRITABLE);
  }

  protected send(bytes: Uint8Array): number {
    const peer = this.peer as MemoryStreamSocket<Address>;
    const { closed } = peer.readiness;
    if (closed) this.fail(systemError('EPIPE', 'write'));
    if (closed || peer.readShut) return bytes.length;
    const size = Math.min(bytes.length, WINDOW - peer.incoming.length);
    if (size > 0) peer.hear(bytes.subarray(0, size));
    return size;
  }

  protected sendEnd(): void {
    this.peer?.endOfPeer();
  }

  protected release(reset: boolean): void {
    if (reset || this.incoming.length > 0) this.peer?.fail(systemError('ECONNRESET', 'read'));
    else this.sendEnd();
  }

  /** What the peer has sent. */
  protected hear(bytes: Uint8Array): void {
    const joined = new Uint8Array(this.incoming.length + bytes.length);
    joined.set(this.incoming);
    joined.set(bytes, this.incoming.length);
    this.incoming = joined;
    this.readiness.set(Ready.READABLE);
  }
}

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
