import type { Lookup, LookupAddress, Loop, Stream } from '@evloop/service';
import { connect, lookup as systemLookup } from '@evloop/service/node';
import type { SocketConnectOptions, SocketTarget } from './socket-target.ts';

/** Hears of each address that a name has. */
export type OnLookup = (address: LookupAddress, host: string) => void;

/** Connects a stream: by name, or to a Unix socket, which may still be connecting then. */
export async function connectStream(
  loop: Loop,
  target: SocketTarget,
  options: SocketConnectOptions,
  signal: AbortSignal,
  onLookup: OnLookup,
): Promise<Stream> {
  if (target.path !== undefined) return loop.backend.UnixStream.connect(target.path);
  const { host = 'localhost', port } = target;
  return connect(
    loop,
    { host, port: Number(port) },
    { ...options, lookup: observed(options.lookup ?? systemLookup, onLookup), signal },
  );
}

/** A lookup that tells what it finds. */
function observed(lookup: Lookup, onLookup: OnLookup): Lookup {
  return (host, options) => {
    const answer = lookup(host, options);
    const tell = (addresses: readonly LookupAddress[]) => {
      for (const address of addresses) onLookup(address, host);
      return addresses;
    };
    return Symbol.asyncIterator in answer ? eachObserved(answer, tell) : answer.then(tell);
  };
}

async function* eachObserved<T>(all: AsyncIterable<T>, tell: (one: T) => T): AsyncIterable<T> {
  for await (const one of all) yield tell(one);
}
