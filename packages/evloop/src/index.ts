/**
 * evloop with the best backend of this machine: epoll if its native object loads, otherwise
 * `node:net`.
 *
 * The environment variable `EVLOOP_BACKEND` (`epoll` or `net`) forces one. If that backend is
 * unknown or cannot run here, the import throws `EVLOOP_UNSUPPORTED` with the reason. On a machine
 * that could run epoll but does not, a warning with the code `EVLOOP_FALLBACK` says why. {@link
 * name} is the chosen backend. `npx evloop doctor` shows what each backend can do here.
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
  ListenerSocket,
  RemoteWakerConstructor,
  StreamSocket,
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
  WakerHandle,
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
 * Waits until registered sources are ready, and reports them.
 *
 * If `supports.pollSync` is true, it can also block: `isBlocking(poll)` narrows its type.
 */
export const Poll: Backend['Poll'] = backend.Poll;
export type Poll = ThePoll;

/**
 * A TCP socket that accepts connections. Its operations are those of {@link ListenerSocket}.
 *
 * `bind` returns the listener or a promise of it: `await` works for both.
 */
export const TcpListener: TcpListenerConstructor = backend.TcpListener;
export type TcpListener = TheTcpListener;

/** A TCP connection, connecting or connected. Its operations are those of {@link StreamSocket}. */
export const TcpStream: TcpStreamConstructor = backend.TcpStream;
export type TcpStream = TheTcpStream;

/**
 * A UDP socket, connected to one peer or not.
 *
 * `bind` returns the socket or a promise of it: `await` works for both.
 */
export const UdpSocket: UdpSocketConstructor = backend.UdpSocket;
export type UdpSocket = TheUdpSocket;

/**
 * A Unix socket that accepts connections. Its operations are those of {@link ListenerSocket};
 * `localAddr` returns its path or name.
 *
 * `bind` returns the listener or a promise of it: `await` works for both.
 */
export const UnixListener: UnixListenerConstructor = backend.UnixListener;
export type UnixListener = TheUnixListener;

/**
 * A stream between processes of one machine. Its operations are those of {@link StreamSocket};
 * addresses are paths.
 */
export const UnixStream: UnixStreamConstructor = backend.UnixStream;
export type UnixStream = TheUnixStream;

/** The remote end of a {@link WakerHandle}, in any thread of the process. */
export const RemoteWaker: RemoteWakerConstructor = backend.RemoteWaker;
export type RemoteWaker = TheRemoteWaker;

export * from '@evloop/core';
