import {
  type Backend,
  formatSocketAddress,
  type SocketAddress,
  type TcpListener,
} from '@evloop/core';
import { Failure, reason } from './program.ts';

/** Listens on `address`. Some backends answer with the listener, others with a promise of it: `await` serves both. */
export async function listen(backend: Backend, address: SocketAddress): Promise<TcpListener> {
  try {
    return await backend.TcpListener.bind(address);
  } catch (error) {
    throw new Failure(`cannot listen on ${formatSocketAddress(address)}: ${reason(error)}`);
  }
}
