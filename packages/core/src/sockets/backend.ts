import type { PollConstructorOptions } from '../poll/poll-constructor-options.ts';
import type { Poll } from '../poll.ts';
import type { RemoteWakerConstructor } from '../wake/remote-wake.ts';
import type { Supports } from './supports.ts';
import type { TcpListenerConstructor } from './tcp-listener.ts';
import type { TcpStreamConstructor } from './tcp-stream.ts';
import type { UdpSocketConstructor } from './udp-socket.ts';
import type { UnixListenerConstructor } from './unix-listener.ts';
import type { UnixStreamConstructor } from './unix-stream.ts';

/** Why a backend cannot run on this machine. */
export interface Unavailable {
  /**
   * - `machine`: this system never runs the backend
   * - `installation`: this system could, but something is missing or forbidden
   * - `setting`: an environment variable has an invalid value
   */
  readonly kind: 'machine' | 'installation' | 'setting';
  /** One line without a full stop. */
  readonly reason: string;
  /** What to do about it: one line without a full stop. */
  readonly advice: string;
}

/**
 * The exports that every backend package has under the same names. So a program changes its backend
 * by changing one import specifier, and a backend chosen at run time type-checks:
 *
 * ```ts
 * const backend: Backend = await import('@evloop/net');
 * const poll = new backend.Poll();
 * ```
 *
 * A backend also re-exports core's nouns (`Token`, `Interest`, `Events` …), and may export more of
 * its own.
 */
export interface Backend {
  /** The backend's short name, as the examples' `--backend` takes it: `'net'`, `'epoll'`. */
  readonly name: string;
  /** What this backend can do on this machine. */
  readonly supports: Supports;
  /**
   * The reason why it cannot run here; `undefined` or omitted if it can. Importing a backend never
   * fails. If it is unavailable, everything that makes a poll or a socket throws
   * `EVLOOP_UNSUPPORTED`.
   */
  readonly unavailable?: Unavailable | undefined;
  /**
   * The poll of this backend. If `supports.pollSync` is true, it is a `BlockingPoll`: see
   * `isBlocking`.
   */
  readonly Poll: new (
    options?: PollConstructorOptions,
  ) => Poll;
  /**
   * The remote end of `waker.handle()`. If `supports.wakerHandles` is false, there are no handles,
   * and it throws a TypeError for any argument.
   */
  readonly RemoteWaker: RemoteWakerConstructor;
  readonly TcpListener: TcpListenerConstructor;
  readonly TcpStream: TcpStreamConstructor;
  readonly UdpSocket: UdpSocketConstructor;
  readonly UnixListener: UnixListenerConstructor;
  readonly UnixStream: UnixStreamConstructor;
}
