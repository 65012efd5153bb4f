import { type StreamSocket, type SystemError, WouldBlock } from '@evloop/core';
import { checkRange, checkReadRange } from '@evloop/core/backend';
import { NetSource } from '../socket/net-source.ts';
import type { StreamEndpoint } from './stream-endpoint.ts';

/** The program's half of a stream: the common part of TCP and Unix streams. */
export abstract class StreamSource<C extends StreamEndpoint<Address>, Address>
  extends NetSource<C>
  implements StreamSocket<Address>
{
  finishConnect(): true | WouldBlock {
    return this.open.finishConnect();
  }

  read(buffer: Uint8Array, offset = 0, length?: number): number | WouldBlock {
    const endpoint = this.open;
    return endpoint.read(buffer, offset, checkReadRange(buffer, offset, length));
  }

  peek(buffer: Uint8Array, offset = 0, length?: number): number | WouldBlock {
    const endpoint = this.open;
    return endpoint.peek(buffer, offset, checkReadRange(buffer, offset, length));
  }

  write(buffer: Uint8Array, offset = 0, length?: number): number | WouldBlock {
    const endpoint = this.open;
    return endpoint.write(buffer, offset, checkRange(buffer, offset, length));
  }

  readv(buffers: readonly Uint8Array[]): number | WouldBlock {
    const endpoint = this.open;
    if (totalSize(buffers) === 0) checkReadRange(new Uint8Array(0), 0, 0);
    let total = 0;
    for (const buffer of buffers) {
      if (buffer.byteLength === 0) continue;
      // After the first buffer, only data that is there is taken. An end or an error is left for
      // the next call.
      if (total > 0 && !endpoint.unread) break;
      const size = endpoint.read(buffer, 0, buffer.byteLength);
      if (size === WouldBlock || size === 0) return size;
      total += size;
      if (size < buffer.byteLength) break;
    }
    return total;
  }

  writev(buffers: readonly Uint8Array[]): number | WouldBlock {
    const endpoint = this.open;
    if (totalSize(buffers) === 0) return endpoint.write(new Uint8Array(0), 0, 0);
    let total = 0;
    for (const buffer of buffers) {
      if (buffer.byteLength === 0) continue;
      const size = endpoint.write(buffer, 0, buffer.byteLength);
      if (size === WouldBlock) return total === 0 ? WouldBlock : total;
      total += size;
      if (size < buffer.byteLength) break;
    }
    return total;
  }

  shutdown(how: 'read' | 'write' | 'both'): void {
    const endpoint = this.open;
    if (how !== 'read' && how !== 'write' && how !== 'both') {
      throw new TypeError(`invalid how: ${String(how)} (expected 'read', 'write' or 'both')`);
    }
    endpoint.shutdown(how);
  }

  localAddr(): Address {
    return this.open.localAddr();
  }

  peerAddr(): Address {
    return this.open.peerAddr();
  }

  takeError(): SystemError | undefined {
    return this.open.takeError();
  }
}

/** Returns the total size, and checks each buffer. */
function totalSize(buffers: readonly Uint8Array[]): number {
  let total = 0;
  for (const buffer of buffers) total += checkRange(buffer, 0, undefined);
  return total;
}
