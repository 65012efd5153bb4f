/**
 * Node's libraries on evloop's sockets: streams of Node and of the Web, TLS, http servers, agents
 * and connectors.
 *
 * @packageDocumentation
 */
export { EvloopSocket } from './socket/evloop-socket.ts';
export type { EvloopSocketOptions } from './socket/evloop-socket.ts';
export type { NodeAddress } from './socket/endpoints.ts';
export { toDuplex } from './socket/to-duplex.ts';
export { connectSocket } from './socket/connect-socket.ts';
export type {
  ConnectArguments,
  SocketConnectOptions,
  SocketTarget,
} from './socket/socket-target.ts';
export { intoSocket } from './node/into-socket.ts';
export { fromDuplex } from './source/from-duplex.ts';
export { StreamSource } from './source/stream-source.ts';
export { toWeb } from './web/to-web.ts';
export type { WebSocketInfo, WebSocketStreams } from './web/to-web.ts';
