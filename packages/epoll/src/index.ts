/**
 * The backend on Linux's epoll(7): native, edge-triggered, as fast as the kernel.
 *
 * It can be imported anywhere. If its native object does not load, {@link unavailable} tells why,
 * and everything that makes a poll or a socket throws `EVLOOP_UNSUPPORTED` with that reason.
 *
 * @packageDocumentation
 */
export { Poll } from './poll.ts';
export { TcpListener } from './tcp/tcp-listener.ts';
export { TcpStream } from './tcp/tcp-stream.ts';
export { UdpSocket } from './udp/udp-socket.ts';
export { pipe, PipeReceiver, PipeSender } from './descriptor/pipe.ts';
export { SourceFd } from './descriptor/source-fd.ts';
export { UnixDatagram } from './unix/unix-datagram.ts';
export type { ReceivedUnixDatagram } from './unix/unix-datagram.ts';
export { UnixListener } from './unix/unix-listener.ts';
export { UnixStream } from './unix/unix-stream.ts';
export { RemoteWaker } from './selector/shared-wake.ts';
export { ioUring } from './cork/io-uring.ts';
export type { IoUring } from './cork/io-uring.ts';
export { supports } from './supports.ts';
export { unavailable } from './native/binding.ts';

/** See `Backend.name`. */
export const name = 'epoll';

export { constants } from './native/native.ts';
export type { AcceptCounters } from './socket/listener-socket.ts';
export type { TcpInfo } from './socket/tcp-info.ts';
export * from '@evloop/core';
