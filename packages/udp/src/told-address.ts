import type { SocketAddress } from '@evloop/core';
import type { Endpoint } from './endpoint.ts';
import { canonical } from './interfaces.ts';

/** The address of this end. */
export function localAddress({ dgram, family }: Endpoint): SocketAddress {
  const { address, port } = dgram.address();
  return told({ address, port, family });
}

/**
 * What Node says of an address, with the zone that it names as a number. An interface that has gone
 * has none.
 */
export function told(address: SocketAddress): SocketAddress {
  if (!address.address.includes('%')) return address;
  try {
    return canonical(address);
  } catch {
    return address;
  }
}
