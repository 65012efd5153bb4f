import type { Poll } from '../poll.ts';
import type { RemoteWakerConstructor } from '../wake/remote-wake.ts';
import type { Supports } from './supports.ts';
import type { TcpListenerConstructor } from './tcp-listener.ts';
import type { TcpStreamConstructor } from './tcp-stream.ts';
import type { UdpSocketConstructor } from './udp-socket.ts';
import type { UnixListenerConstructor } from './unix-listener.ts';
import type { UnixStreamConstructor } from './unix-stream.ts';

/**
 * The exports that every backend package has under the same names, so that changing backend is changing one
 * import specifier, and a backend chosen at run time type-checks:
 *
 * ```ts
 * const backend: Backend = await import('@evloop/net');
 * const poll = new backend.Poll();
 * ```
 *
 * A backend also re-exports core's nouns (`Token`, `Interest`, `Events` …), and may have more of its own.
 */
export interface Backend {
  /** The backend's short name, as the examples' `--backend` takes it: `'net'`, `'epoll'`. */
  readonly name: string;
  /** What it can do here. */
  readonly supports: Supports;
  /** The poll of this backend. Where `supports.pollSync` is true it is a `BlockingPoll`: see `isBlocking`. */
  readonly Poll: new () => Poll;
  /** The other end of `waker.handle()`. Where `supports.wakerHandles` is false there are no handles, and so it refuses all: TypeError. */
  readonly RemoteWaker: RemoteWakerConstructor;
  readonly TcpListener: TcpListenerConstructor;
  readonly TcpStream: TcpStreamConstructor;
  readonly UdpSocket: UdpSocketConstructor;
  readonly UnixListener: UnixListenerConstructor;
  readonly UnixStream: UnixStreamConstructor;
}
