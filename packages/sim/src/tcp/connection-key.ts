import type { SocketAddress } from '@evloop/core';

/** Where a stack finds a connection: by both of its addresses. */
export function connectionKey(local: SocketAddress, remote: SocketAddress): string {
  return `${local.address} ${local.port} ${remote.address} ${remote.port}`;
}
