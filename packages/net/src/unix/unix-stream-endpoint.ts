import type { Socket } from 'node:net';
import type { UnixAddress } from '@evloop/core';
import { type Origin, systemError } from '@evloop/core/backend';
import { StreamEndpoint } from '../stream/stream-endpoint.ts';
import { supports } from '../supports.ts';

/** The names of the two ends of a connection. Node does not ask the kernel for them. */
export interface UnixNames {
  readonly local: UnixAddress;
  readonly peer: UnixAddress;
}

/** The endpoint of a Unix stream. */
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

  // A Unix socket keeps its peer's address after the peer has closed.
  protected override get hasPeer(): boolean {
    return this.established;
  }

  // Only bytes in the kernel's queue reset a Unix socket that is closed, and libuv has already read
  // them.
  protected override closeWithUnread(): void {
    this.closeInOrder();
  }

  // Without descriptors, only an empty write could tell. But it fails with EPIPE after every close
  // of the peer, and ends the socket.
  protected override detectReset(): boolean {
    return supports.adoptFd && super.detectReset();
  }
}
