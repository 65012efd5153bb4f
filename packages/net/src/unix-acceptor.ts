import { existsSync, renameSync } from 'node:fs';
import type { Server, Socket } from 'node:net';
import { dirname } from 'node:path';
import { type Origin, type SystemError, systemError, type UnixAddress } from '@evloop/core';
import { Acceptor, listen, listenOn } from './acceptor.ts';
import { checkSocket, unixSocketState, wrongKind } from './adopted-fd.ts';
import { UnixConnection, type UnixNames } from './unix-connection.ts';

/** The inside of a Unix listener. */
export class UnixAcceptor extends Acceptor<UnixConnection, UnixAddress> {
  readonly #acceptedNames: UnixNames;
  /** The file that is to outlive the listener. */
  readonly #kept: string | undefined;

  private constructor(server: Server, local: UnixAddress, origin: Origin, kept?: string) {
    super(server, local, origin);
    this.#acceptedNames = { local, peer: '' };
    this.#kept = kept;
  }

  /** Binds and listens. */
  static override async bind(
    path: UnixAddress,
    { backlog, unlink }: { readonly backlog: number; readonly unlink: boolean },
    origin: Origin,
  ): Promise<UnixAcceptor> {
    const server = await listen({ path, backlog }).catch((error: SystemError) => {
      // libuv says EACCES for a folder that is not there, as Windows does.
      if (error.code !== 'EACCES' || existsSync(dirname(path))) throw error;
      throw systemError('ENOENT', 'listen', { address: path });
    });
    const file = !path.startsWith('\0') && process.platform !== 'win32';
    return new UnixAcceptor(server, path, origin, file && !unlink ? path : undefined);
  }

  /** Takes over a descriptor that listens. */
  static async adopt(fd: number, origin: Origin): Promise<UnixAcceptor> {
    const state = unixSocketState(checkSocket(fd));
    if (state?.listening === false) throw wrongKind(fd, 'Unix listener');
    const isUnix = (address: unknown) => typeof address !== 'object' || address === null;
    return new UnixAcceptor(await listenOn(fd, 'Unix listener', isUnix), state?.name ?? '', origin);
  }

  override release(): void {
    const aside = this.#kept === undefined ? undefined : `${this.#kept}.${process.pid}`;
    // libuv removes the file while it closes, whoever's it is by then. For so long it has another name.
    const moved = aside !== undefined && rename(this.#kept as string, aside);
    super.release();
    if (moved) rename(aside, this.#kept as string);
  }

  protected override connection(socket: Socket, origin: Origin): UnixConnection {
    return new UnixConnection(socket, origin, this.#acceptedNames);
  }
}

/** Whether it could be renamed. */
function rename(from: string, to: string): boolean {
  try {
    renameSync(from, to);
    return true;
  } catch {
    return false;
  }
}
