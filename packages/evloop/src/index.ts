/**
 * evloop with the best backend that this machine has: epoll where its native object loads,
 * `node:net` elsewhere.
 *
 * The environment variable `EVLOOP_BACKEND` (`epoll` or `net`) forces one. If that one is unknown
 * or cannot run here, the import throws `EVLOOP_UNSUPPORTED` with the reason. On a machine that
 * could run epoll and does not, a warning with the code `EVLOOP_FALLBACK` says why. {@link name} is
 * the chosen one. `npx evloop doctor` says what each can do here.
 *
 * ```ts
 * import { Events, Interest, Poll, TcpListener, Token } from 'evloop';
 *
 * const poll = new Poll();
 * const listener = await TcpListener.bind('127.0.0.1:9000');
 * poll.registry.register(listener, Token(0), Interest.READABLE);
 * ```
 *
 * @packageDocumentation
 */
import type {
  Backend,
  RemoteWakerConstructor,
  Supports,
  TcpListenerConstructor,
  TcpStreamConstructor,
  Poll as ThePoll,
  RemoteWaker as TheRemoteWaker,
  TcpListener as TheTcpListener,
  TcpStream as TheTcpStream,
  UdpSocket as TheUdpSocket,
  UdpSocketConstructor,
  UnixListener as TheUnixListener,
  UnixStream as TheUnixStream,
  UnixListenerConstructor,
  UnixStreamConstructor,
} from '@evloop/core';
import { chooseBackend } from './choose-backend.ts';
import { warnOfFallback } from './warn-of-fallback.ts';

const choice = chooseBackend(process.env['EVLOOP_BACKEND']);
warnOfFallback(choice);
const backend: Backend = choice.backend;

/** The chosen backend: `'epoll'` or `'net'`. See `Backend.name`. */
export const name: string = backend.name;

/** What the chosen backend can do here. See `Supports`. */
export const supports: Supports = backend.supports;

/**
 * The chosen backend's `Poll`. Where `supports.pollSync` is true it can also block:
 * `isBlocking(poll)` narrows it.
 */
export const Poll: Backend['Poll'] = backend.Poll;
export type Poll = ThePoll;

/** The chosen backend's `TcpListener`. `await` what `bind` answers. */
export const TcpListener: TcpListenerConstructor = backend.TcpListener;
export type TcpListener = TheTcpListener;

/** The chosen backend's `TcpStream`. */
export const TcpStream: TcpStreamConstructor = backend.TcpStream;
export type TcpStream = TheTcpStream;

/** The chosen backend's `UdpSocket`. `await` what `bind` answers. */
export const UdpSocket: UdpSocketConstructor = backend.UdpSocket;
export type UdpSocket = TheUdpSocket;

/** The chosen backend's `UnixListener`. `await` what `bind` answers. */
export const UnixListener: UnixListenerConstructor = backend.UnixListener;
export type UnixListener = TheUnixListener;

/** The chosen backend's `UnixStream`. */
export const UnixStream: UnixStreamConstructor = backend.UnixStream;
export type UnixStream = TheUnixStream;

/** The chosen backend's `RemoteWaker`: the other end of `waker.handle()`, in another thread. */
export const RemoteWaker: RemoteWakerConstructor = backend.RemoteWaker;
export type RemoteWaker = TheRemoteWaker;

export * from '@evloop/core';
