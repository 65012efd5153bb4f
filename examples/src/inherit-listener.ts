import type { Backend, TcpListener } from '@evloop/core';
import { type ListenFd, ListenFds } from '@evloop/listenfd';
import { Failure, programName, reason } from './program.ts';

/** Takes over the first listener that a supervisor has handed to this process. */
export async function inheritListener(
  backend: Backend,
): Promise<{ listener: TcpListener; name: string }> {
  const inherited = take();
  if (inherited === undefined) throw new Failure('no socket was handed over');
  try {
    const listener = await backend.TcpListener.fromFd(inherited.fd);
    return { listener, name: inherited.name };
  } catch (error) {
    throw new Failure(
      `cannot use descriptor ${inherited.fd} ('${inherited.name}'): ${reason(error)}`,
    );
  }
}

function take(): ListenFd | undefined {
  let descriptors: ListenFds;
  try {
    descriptors = ListenFds.fromEnvironment();
  } catch (error) {
    throw new Failure(reason(error));
  }
  if (descriptors.absence === undefined) return descriptors.take();
  const file = `examples/dist/${programName()}.js`;
  throw new Failure(
    `${descriptors.absence}; start it with: systemd-socket-activate -l 127.0.0.1:9000 node ${file}`,
  );
}
