// node examples/dist/udp_server.js            (after `npm run build`)
//
// Sends each datagram back to where it came from. Try it with one of
//
//   printf 'hello\n' | socat -t 1 - UDP:127.0.0.1:9000
//   ncat -u 127.0.0.1 9000
//
// or with Node, as examples/README.md shows.
//
// There are no connections, so there is one source and one token: src/datagram-echo.ts is all that happens.
import { formatSocketAddress, Interest, Token } from '@evloop/core';
import { chooseBackend } from './src/choose-backend.ts';
import { readCommandLine } from './src/command-line.ts';
import { DatagramEcho } from './src/datagram-echo.ts';
import { outliveOutput } from './src/outlive-output.ts';
import { Failure, reason, runProgram } from './src/program.ts';
import { runLoop } from './src/run-loop.ts';
import { Stop } from './src/stop.ts';

const SOCKET = Token(0);
/** A program for `node -e` that sends a datagram and prints the answer. */
const ONE_DATAGRAM = [
  "const [type, port, host] = process.argv.slice(1), socket = require('dgram').createSocket(type)",
  "socket.on('message', (m) => { console.log(String(m)); socket.close(); })",
  "socket.send('hello', port, host)",
].join('; ');

await runProgram(async () => {
  outliveOutput();
  const stop = new Stop().onSignals();
  const options = readCommandLine('Sends each datagram back to its sender.', 9000);
  const backend = await chooseBackend(options.backend, options.wait);
  const at = formatSocketAddress(options.address);
  const socket = await Promise.resolve()
    .then(() =>
      // On a wildcard address the answer must come from the address that the client asked.
      backend.UdpSocket.bind(options.address, {
        socket: backend.supports.udpPacketInfo ? { packetInfo: true } : {},
      }),
    )
    .catch((error: unknown) => {
      throw new Failure(`cannot bind to ${at}: ${reason(error)}`);
    });
  const { address, port, family } = socket.localAddr();
  console.log(
    `udp_server on ${backend.name} listens on ${formatSocketAddress(socket.localAddr())}`,
  );
  if (!options.quiet) {
    const type = family === 'IPv6' ? 'udp6' : 'udp4';
    console.log(
      [
        'Try it with one of these:',
        `  node -e "${ONE_DATAGRAM}" ${type} ${port} ${address}`,
        `  ncat -u ${address} ${port}`,
      ].join('\n'),
    );
  }

  const poll = new backend.Poll();
  poll.registry.register(socket, SOCKET, Interest.READABLE);
  const echo = new DatagramEcho(socket);
  await runLoop(poll, echo, { wait: options.wait, stop });
  if (!options.quiet) console.log(echo.summary());
  socket.close();
  poll.close();
});
