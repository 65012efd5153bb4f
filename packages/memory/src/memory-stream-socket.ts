import { Ready, type SystemError } from '@evloop/core';
import { systemError, UserSpaceStream } from '@evloop/core/backend';

/** The most bytes that a stream holds for its reader. */
const WINDOW = 64 * 1024;

/** The common part of TCP and Unix streams in memory. Each holds the bytes that its peer sent. */
export abstract class MemoryStreamSocket<Address> extends UserSpaceStream<Address> {
  protected incoming: Uint8Array = new Uint8Array(0);
  protected peer: MemoryStreamSocket<Address> | undefined;

  /** Connects this stream with `peer`. */
  link(peer: MemoryStreamSocket<Address>, local: Address, remote: Address): void {
    this.peer = peer;
    this.connected(local, remote);
  }

  /** Ends the attempt to connect. */
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

  /** Takes bytes that the peer sends. */
  protected hear(bytes: Uint8Array): void {
    const joined = new Uint8Array(this.incoming.length + bytes.length);
    joined.set(this.incoming);
    joined.set(bytes, this.incoming.length);
    this.incoming = joined;
    this.readiness.set(Ready.READABLE);
  }
}
