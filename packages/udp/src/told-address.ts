import type { SocketAddress } from '@evloop/core';
import type { Endpoint } from './endpoint.ts';
import { canonical } from './interfaces.ts';

/** Returns the address of this end. */
export function localAddress({ dgram, family }: Endpoint): SocketAddress {
  const { address, port } = dgram.address();
  return told({ address, port, family });
}

/**
 * Returns an address that Node reports, with the zone as a number. The zone of a removed interface
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
