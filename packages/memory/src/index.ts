/**
 * A backend in memory: the sockets of one process reach each other, without any system call.
 *
 * It is the smallest complete backend, and the one to copy: `memory-backend.ts` shows all that a
 * backend provides. Tests use it for programs that need no network, optionally with a clock of
 * their own.
 *
 * @packageDocumentation
 */
import type {
  Backend,
  Poll as CorePoll,
  RemoteWaker as CoreRemoteWaker,
  TcpListener as CoreTcpListener,
  TcpStream as CoreTcpStream,
  UdpSocket as CoreUdpSocket,
  UnixListener as CoreUnixListener,
  UnixStream as CoreUnixStream,
} from '@evloop/core';
import { memoryBackend } from './memory-backend.ts';

export type { MemoryClock } from './clock-selector.ts';
export { memoryBackend } from './memory-backend.ts';
export type { MemoryOptions } from './memory-backend.ts';

const backend: Backend = memoryBackend();

/** See `Backend.name`. */
export const name = 'memory';

/** See `Supports`. */
export const supports: Backend['supports'] = backend.supports;

/** The poll of this backend. */
export const Poll: Backend['Poll'] = backend.Poll;
export type Poll = CorePoll;

/** The remote end of `waker.handle()`, in another thread. */
export const RemoteWaker: Backend['RemoteWaker'] = backend.RemoteWaker;
export type RemoteWaker = CoreRemoteWaker;

/** A TCP listener in memory. */
export const TcpListener: Backend['TcpListener'] = backend.TcpListener;
export type TcpListener = CoreTcpListener;

/** A TCP stream in memory. */
export const TcpStream: Backend['TcpStream'] = backend.TcpStream;
export type TcpStream = CoreTcpStream;

/** A UDP socket in memory. */
export const UdpSocket: Backend['UdpSocket'] = backend.UdpSocket;
export type UdpSocket = CoreUdpSocket;

/** A Unix listener in memory, under a path that no file has. */
export const UnixListener: Backend['UnixListener'] = backend.UnixListener;
export type UnixListener = CoreUnixListener;

/** A Unix stream in memory. */
export const UnixStream: Backend['UnixStream'] = backend.UnixStream;
export type UnixStream = CoreUnixStream;

export * from '@evloop/core';
