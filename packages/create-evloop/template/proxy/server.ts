// npm start -- HOST PORT: relays each client to that server. HOST is a name or an address.
import { type Connection, Loop, relay, Server } from '@evloop/service';
import { connect, onSignals } from '@evloop/service/node';
import * as evloop from 'evloop';

const [host = 'localhost', port = '8000'] = process.argv.slice(2);
const loop = new Loop(evloop);
const listener = await evloop.TcpListener.bind('127.0.0.1:9000');
const server = new Server(loop, [listener], serve, { maxConnections: 10_000 });
onSignals(server, { SIGTERM: 'drain', SIGINT: 'stop' });
console.log(`listening on port ${listener.localAddr().port}, relaying to ${host}:${port}`);
await loop.run();

function serve(client: Connection) {
  client.detach(); // The relay has the stream from now on.
  const abort = new AbortController();
  const { signal } = abort;
  connect(loop, { host, port: Number(port) }, { signal })
    .then((upstream) => relay(loop, client.stream, upstream, { idleTimeout: 3_600_000, signal }))
    .catch((error: Error) => console.error(error.message))
    .finally(() => client.close());
  return { step: () => 'wait' as const, closed: () => abort.abort(new Error('the client left')) };
}
