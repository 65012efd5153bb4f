import { existsSync } from 'node:fs';
import type { Server, Socket } from 'node:net';
import { dirname, resolve } from 'node:path';
import type { SystemError, UnixAddress } from '@evloop/core';
import { type Origin, systemError } from '@evloop/core/backend';
import { ListenerEndpoint, listen, listenOn } from '../listener/listener-endpoint.ts';
import { checkSocket, unixSocketState, wrongKind } from '../socket/adopted-fd.ts';
import { SocketFile, setAside } from './socket-file.ts';
import { type UnixNames, UnixStreamEndpoint } from './unix-stream-endpoint.ts';

/** The endpoint of a Unix listener. */
export class UnixListenerEndpoint extends ListenerEndpoint<UnixStreamEndpoint, UnixAddress> {
  readonly #acceptedNames: UnixNames;
  /** Whether binding made a file. libuv would remove it. */
  readonly #hasFile: boolean;
  /** The file that closing removes. */
  readonly #file: SocketFile | undefined;

  private constructor(
    server: Server,
    local: UnixAddress,
    origin: Origin,
    hasFile = false,
    file?: SocketFile,
  ) {
    super(server, local, origin);
    this.#acceptedNames = { local, peer: '' };
    this.#hasFile = hasFile;
    this.#file = file;
  }

  /** Binds and listens. */
  static override async bind(
    path: UnixAddress,
    { backlog, unlink }: { readonly backlog: number; readonly unlink: boolean },
    origin: Origin,
  ): Promise<UnixListenerEndpoint> {
    const resolved = resolve(path);
    const listening = listen({ path, backlog });
    // The socket is bound by now, except in a cluster's worker, where the primary binds it later.
    const early = unlink ? SocketFile.at(resolved) : undefined;
    const server = await listening.catch((error: SystemError) => {
      // libuv reports EACCES for a missing folder.
      if (error.code !== 'EACCES' || existsSync(dirname(path))) throw error;
      throw systemError('ENOENT', 'listen', { address: path });
    });
    const hasFile = !path.startsWith('\0');
    const file = unlink && hasFile ? (early ?? SocketFile.at(resolved)) : undefined;
    return new UnixListenerEndpoint(server, path, origin, hasFile, file);
  }

  /** Takes over a listening descriptor. */
  static async adopt(fd: number, origin: Origin): Promise<UnixListenerEndpoint> {
    const state = unixSocketState(checkSocket(fd));
    if (state?.listening === false) throw wrongKind(fd, 'Unix listener');
    const isUnix = (address: unknown) => typeof address !== 'object' || address === null;
    return new UnixListenerEndpoint(
      await listenOn(fd, 'Unix listener', isUnix),
      state?.name ?? '',
      origin,
    );
  }

  override release(): void {
    if (!this.#hasFile) {
      super.release();
      return;
    }
    // libuv removes the file at the bound name, wherever a relative name leads by now, and
    // whichever socket is bound there. So the file has another name meanwhile.
    const restore = setAside(this.localAddr());
    super.release();
    restore();
    this.#file?.remove();
  }

  /** @internal */
  protected override makeStream(socket: Socket, origin: Origin): UnixStreamEndpoint {
    return new UnixStreamEndpoint(socket, origin, this.#acceptedNames);
  }
}
