import type { Socket } from 'node:net';
import type { SystemError } from '@evloop/core';
import { observed } from '@evloop/core/backend';

/** The events of a socket. */
export interface SocketEvents {
  onConnect(): void;
  onData(chunk: Uint8Array): void;
  onEnd(): void;
  onDrain(): void;
  onError(error: SystemError): void;
}

const listener = Symbol('evloop.listener');

interface ObservedSocket extends Socket {
  [listener]: SocketEvents;
}

/**
 * Forwards the events of a socket. All sockets share the handlers, so accepting one makes no
 * closures.
 *
 * @internal
 */
export function observe(socket: Socket, events: SocketEvents): void {
  (socket as ObservedSocket)[listener] = events;
  if (socket.pending) socket.once('connect', onConnect);
  socket.on('data', onData);
  socket.on('end', onEnd);
  socket.on('drain', onDrain);
  socket.on('error', onError);
}

function onConnect(this: Socket): void {
  (this as ObservedSocket)[listener].onConnect();
}

function onData(this: Socket, chunk: Uint8Array): void {
  (this as ObservedSocket)[listener].onData(chunk);
}

function onEnd(this: Socket): void {
  (this as ObservedSocket)[listener].onEnd();
}

function onDrain(this: Socket): void {
  (this as ObservedSocket)[listener].onDrain();
}

function onError(this: Socket, error: Error): void {
  (this as ObservedSocket)[listener].onError(observed(error as SystemError));
}
