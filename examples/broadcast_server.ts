// node examples/dist/broadcast_server.js            (after `npm run build`)
//
// Sends each line that a client sends to all other clients. Start two or more of these, and type:
//
//   node examples/dist/tcp_client.js --port 8080
//   ncat 127.0.0.1 8080
//   socat - TCP:127.0.0.1:8080
//
// It shows framing (lines arrive in pieces, src/broadcast-connection.ts joins them), writing to sockets that
// are not ready, and bounds: a client that does not read is dropped, and so is one that sends a line without an end.
import { formatSocketAddress } from '@evloop/core';
import { BroadcastConnection } from './src/broadcast-connection.ts';
import { chooseBackend } from './src/choose-backend.ts';
import { readCommandLine } from './src/command-line.ts';
import { listen } from './src/listen.ts';
import { outliveOutput } from './src/outlive-output.ts';
import { runProgram } from './src/program.ts';
import { serve } from './src/serve.ts';
import { Stop } from './src/stop.ts';

await runProgram(async () => {
  outliveOutput();
  const stop = new Stop().onSignals();
  const options = readCommandLine('Sends each line to all other clients.', 8080, [
    { name: 'max-line', value: 65536, about: 'the longest line, in bytes' },
    { name: 'queue', value: 1048576, about: 'how many bytes may wait for a slow client' },
  ]);
  const bounds = {
    maxLine: options.own['max-line'] as number,
    queue: options.own['queue'] as number,
  };
  const backend = await chooseBackend(options.backend, options.wait);
  const listener = await listen(backend, options.address);
  const { address, port } = listener.localAddr();
  console.log(
    `broadcast_server on ${backend.name} listens on ${formatSocketAddress(listener.localAddr())}`,
  );
  if (!options.quiet) {
    const client = `node examples/dist/tcp_client.js --host ${address} --port ${port}`;
    console.log(`Try it with two or more of these:\n  ${client}\n  ncat ${address} ${port}`);
  }

  const room = new Set<BroadcastConnection>();
  await serve(backend, [listener], { ...options, stop }, (client) => {
    return new BroadcastConnection(client, room, bounds);
  });
});
