import type { Server as HttpServer } from 'node:http';
import type { Http2SecureServer, Http2Server } from 'node:http2';
import type { Server as HttpsServer } from 'node:https';
import { Server as TlsServer } from 'node:tls';

/** A server of Node that {@link serve} brings connections to. It must not listen itself. */
export type NodeServer = HttpServer | HttpsServer | Http2Server | Http2SecureServer;

/** A server that knows which connections are between two requests. */
type Http1Server = HttpServer | HttpsServer;

/** Whether the server speaks HTTP/1, and knows its idle connections. */
export function isHttp1(server: NodeServer): server is Http1Server {
  return 'closeIdleConnections' in server;
}

/** Whether the server speaks TLS. */
export function isTls(server: NodeServer): boolean {
  return server instanceof TlsServer;
}
