// node examples/dist/udp_server.js            (after `npm run build`)
//
// Sends each datagram back to where it came from. Try it with one of
//
//   printf 'hello\n' | socat -t 1 - UDP:127.0.0.1:9000
//   ncat -u 127.0.0.1 9000
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

await runProgram(async () => {
  outliveOutput();
  const stop = new Stop().onSignals();
  const options = readCommandLine('Sends each datagram back to its sender.', 9000);
  const backend = await chooseBackend(options.backend, options.wait);
  const at = formatSocketAddress(options.address);
  const socket = await Promise.resolve()
    .then(() => backend.UdpSocket.bind(options.address))
    .catch((error: unknown) => {
      throw new Failure(`cannot bind to ${at}: ${reason(error)}`);
    });
  const { address, port, family } = socket.localAddr();
  console.log(
    `udp_server on ${backend.name} listens on ${formatSocketAddress(socket.localAddr())}`,
  );
  if (!options.quiet) {
    const target = family === 'IPv6' ? `UDP6:[${address}]` : `UDP:${address}`;
    console.log(
      `Try it with one of these:\n  socat - ${target}:${port}\n  ncat -u ${address} ${port}`,
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
