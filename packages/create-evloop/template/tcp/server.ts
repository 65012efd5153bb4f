import { type Connection, Loop, Server } from '@evloop/service';
import { onSignals } from '@evloop/service/node';
import * as evloop from 'evloop';

const loop = new Loop(evloop);
const listener = await evloop.TcpListener.bind('127.0.0.1:9000');
const buffer = new Uint8Array(65536);
const limits = { maxConnections: 10_000, idleTimeout: 60_000 };
const open = (client: Connection) => ({
  step: () => client.receive(buffer, (size) => client.send(buffer, 0, size)),
});
const server = new Server(loop, [listener], open, limits);
onSignals(server, { SIGTERM: 'drain', SIGINT: 'stop' });
console.log(`listening on port ${listener.localAddr().port}`);
await loop.run();
