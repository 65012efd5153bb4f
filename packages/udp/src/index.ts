/**
 * UDP sockets on `node:dgram`: a source that registers with the poll of any backend, through core's
 * user-space readiness.
 *
 * @packageDocumentation
 */
export { UdpSocket } from './udp-socket.ts';
export { udpSupports } from './supports.ts';
