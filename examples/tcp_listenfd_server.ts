// systemd-socket-activate -l 127.0.0.1:9000 node examples/dist/tcp_listenfd_server.js      (after `npm run build`)
//
// The service of tcp_server on a socket that somebody else has bound: systemd, or another supervisor that sets LISTEN_FDS. Such
// a server may be started by its first client, needs no right to bind its port, and can be restarted without refusing anybody.
//
// Try it as tcp_server: printf 'hello\n' | ncat 127.0.0.1 9000
import { formatSocketAddress } from '@evloop/core';
import { chooseBackend } from './src/choose-backend.ts';
import { readCommandLine } from './src/command-line.ts';
import { EchoConnection } from './src/echo-connection.ts';
import { inheritListener } from './src/inherit-listener.ts';
import { runProgram } from './src/program.ts';
import { serve } from './src/serve.ts';
import { Stop } from './src/stop.ts';

await runProgram(async () => {
  const stop = new Stop().onSignals();
  const options = readCommandLine('An echo server on an inherited socket.', 9000);
  const backend = await chooseBackend(options.backend, options.wait);
  const { listener, name } = await inheritListener(backend);
  const address = formatSocketAddress(listener.localAddr());
  console.log(
    `tcp_listenfd_server on ${backend.name} listens on ${address} (inherited as '${name}')`,
  );
  await serve(backend, listener, { ...options, stop }, (client) => new EchoConnection(client));
});
