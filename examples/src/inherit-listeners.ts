import { type Backend, formatSocketAddress } from '@evloop/core';
import { ListenFds, socketKind } from '@evloop/listenfd';
import { Failure, programName, reason } from './program.ts';
import type { Listener } from './stream-service.ts';

/** A listener that was handed over, and what the supervisor calls it. */
export interface Inherited {
  readonly listener: Listener;
  readonly name: string;
}

/** Takes over all listeners that a supervisor has handed to this process: TCP and Unix. */
export async function inheritListeners(backend: Backend): Promise<Inherited[]> {
  const descriptors = receive();
  const inherited: Inherited[] = [];
  for (let one = descriptors.take(); one !== undefined; one = descriptors.take()) {
    try {
      inherited.push({ listener: await adopt(backend, one.fd), name: one.name });
    } catch (error) {
      throw new Failure(`cannot use descriptor ${one.fd} ('${one.name}'): ${reason(error)}`);
    }
  }
  return inherited;
}

/** Where a listener listens: an address, a path, or the `@name` of an abstract one. */
export function placeOf(listener: Listener): string {
  const local = listener.localAddr();
  return typeof local === 'string' ? local.replace('\0', '@') : formatSocketAddress(local);
}

// The source looks again, and refuses what is not of its kind.
async function adopt(backend: Backend, fd: number): Promise<Listener> {
  const { TcpListener, UnixListener } = backend;
  return socketKind(fd)?.family === 'Unix' ? UnixListener.fromFd(fd) : TcpListener.fromFd(fd);
}

function receive(): ListenFds {
  let descriptors: ListenFds;
  try {
    descriptors = ListenFds.fromEnvironment();
  } catch (error) {
    throw new Failure(reason(error));
  }
  if (descriptors.absence === undefined) return descriptors;
  const file = `examples/dist/${programName()}.js`;
  throw new Failure(
    `${descriptors.absence}; start it with: systemd-socket-activate -l 127.0.0.1:9000 node ${file}`,
  );
}
