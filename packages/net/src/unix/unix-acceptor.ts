import { existsSync } from 'node:fs';
import type { Server, Socket } from 'node:net';
import { dirname, resolve } from 'node:path';
import { type Origin, type SystemError, systemError, type UnixAddress } from '@evloop/core';
import { Acceptor, listen, listenOn } from '../listener/acceptor.ts';
import { checkSocket, unixSocketState, wrongKind } from '../socket/adopted-fd.ts';
import { removeFile, setAside } from './socket-file.ts';
import { UnixConnection, type UnixNames } from './unix-connection.ts';

/** The inside of a Unix listener. */
export class UnixAcceptor extends Acceptor<UnixConnection, UnixAddress> {
  readonly #acceptedNames: UnixNames;
  /** The file that was made, wherever the process goes. */
  readonly #file: string | undefined;
  readonly #unlink: boolean;

  private constructor(
    server: Server,
    local: UnixAddress,
    origin: Origin,
    file?: string,
    unlink = false,
  ) {
    super(server, local, origin);
    this.#acceptedNames = { local, peer: '' };
    this.#file = file;
    this.#unlink = unlink;
  }

  /** Binds and listens. */
  static override async bind(
    path: UnixAddress,
    { backlog, unlink }: { readonly backlog: number; readonly unlink: boolean },
    origin: Origin,
  ): Promise<UnixAcceptor> {
    const resolved = resolve(path);
    const server = await listen({ path, backlog }).catch((error: SystemError) => {
      // libuv says EACCES for a folder that is not there, as Windows does.
      if (error.code !== 'EACCES' || existsSync(dirname(path))) throw error;
      throw systemError('ENOENT', 'listen', { address: path });
    });
    const file = path.startsWith('\0') || process.platform === 'win32' ? undefined : resolved;
    return new UnixAcceptor(server, path, origin, file, unlink);
  }

  /** Takes over a descriptor that listens. */
  static async adopt(fd: number, origin: Origin): Promise<UnixAcceptor> {
    const state = unixSocketState(checkSocket(fd));
    if (state?.listening === false) throw wrongKind(fd, 'Unix listener');
    const isUnix = (address: unknown) => typeof address !== 'object' || address === null;
    return new UnixAcceptor(await listenOn(fd, 'Unix listener', isUnix), state?.name ?? '', origin);
  }

  override release(): void {
    const file = this.#file;
    if (file === undefined) {
      super.release();
      return;
    }
    // libuv removes what has the name that was bound, wherever a relative one leads by now, and whoever's it is. For so long it has another name.
    const restore = setAside(this.localAddr());
    super.release();
    restore();
    if (this.#unlink) removeFile(file);
  }

  protected override connection(socket: Socket, origin: Origin): UnixConnection {
    return new UnixConnection(socket, origin, this.#acceptedNames);
  }
}
