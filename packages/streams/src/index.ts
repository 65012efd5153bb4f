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
export { secureConnect } from './tls/secure-connect.ts';
export type { SecureConnectOptions } from './tls/secure-connect.ts';
export { secureAccept } from './tls/secure-accept.ts';
export type { SecureAcceptOptions } from './tls/secure-accept.ts';
export { ServedListener, serve } from './serve/serve.ts';
export type { ServeOptions } from './serve/serve.ts';
export type { NodeServer } from './serve/node-server.ts';
export { EvloopAgent } from './clients/evloop-agent.ts';
export type { AgentConnectOptions } from './clients/evloop-agent.ts';
export { ioredisConnector } from './clients/ioredis-connector.ts';
export type { IoredisConnector, IoredisOptions } from './clients/ioredis-connector.ts';
export { undiciConnector } from './clients/undici-connector.ts';
export type {
  UndiciCallback,
  UndiciConnector,
  UndiciConnectorOptions,
  UndiciTarget,
} from './clients/undici-connector.ts';
