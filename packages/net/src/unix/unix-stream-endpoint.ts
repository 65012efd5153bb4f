import type { Socket } from 'node:net';
import type { UnixAddress } from '@evloop/core';
import { type Origin, systemError } from '@evloop/core/backend';
import { StreamEndpoint } from '../stream/stream-endpoint.ts';
import { supports } from '../supports.ts';

/** The names of the two ends of a connection, which Node does not ask the kernel for. */
export interface UnixNames {
  readonly local: UnixAddress;
  readonly peer: UnixAddress;
}

/** The inside of a Unix stream. */
export class UnixStreamEndpoint extends StreamEndpoint<UnixAddress> {
  readonly #names: UnixNames;

  /** @internal */
  constructor(socket: Socket, origin: Origin, names: UnixNames) {
    super(socket, origin);
    this.#names = names;
  }

  localAddr(): UnixAddress {
    return this.#names.local;
  }

  peerAddr(): UnixAddress {
    if (!this.hasPeer) throw systemError('ENOTCONN', 'getpeername');
    return this.#names.peer;
  }

  // A Unix socket keeps its peer, also when that has gone.
  protected override get hasPeer(): boolean {
    return this.established;
  }

  // Only what is still in the kernel's queue resets a Unix socket that is closed, and libuv has
  // none that would.
  protected override closeWithUnread(): void {
    this.closeInOrder();
  }

  // Without descriptors an empty write would have to tell, but that is EPIPE after every close of
  // the peer, and ends the socket.
  protected override detectReset(): boolean {
    return supports.adoptFd && super.detectReset();
  }
}
