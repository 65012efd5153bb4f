/**
 * The backend on `node:net`: runs wherever Node's API runs.
 *
 * @packageDocumentation
 */
export { Poll } from './poll.ts';
export { TcpListener } from './tcp/tcp-listener.ts';
export { TcpStream } from './tcp/tcp-stream.ts';
export { UnixListener } from './unix/unix-listener.ts';
export { UnixStream } from './unix/unix-stream.ts';
export { UdpSocket } from '@evloop/udp';
export { ChannelRemoteWaker as RemoteWaker } from '@evloop/core/backend';
export { supports } from './supports.ts';

/** See `Backend.name`. */
export const name = 'net';

export * from '@evloop/core';
