// node pipe.js UPSTREAM: relays each client to the port UPSTREAM with Node's `pipe`, and prints its
// port.
import { type AddressInfo, connect, createServer } from 'node:net';

const upstream = Number(process.argv[2]);
const server = createServer({ allowHalfOpen: true, noDelay: true }, (client) => {
  const socket = connect({ port: upstream, host: '127.0.0.1', allowHalfOpen: true, noDelay: true });
  client.on('error', () => socket.destroy());
  socket.on('error', () => client.destroy());
  client.pipe(socket).pipe(client);
});
server.listen(0, '127.0.0.1', () => {
  process.stdout.write(`listening ${(server.address() as AddressInfo).port}\n`);
});
