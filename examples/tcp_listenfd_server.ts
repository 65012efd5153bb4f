// systemd-socket-activate -l 127.0.0.1:9000 node examples/dist/tcp_listenfd_server.js      (after `npm run build`)
//
// The service of tcp_server on sockets that somebody else has bound: systemd, or another supervisor that sets LISTEN_FDS. Such
// a server may be started by its first client, needs no right to bind its port, and can be restarted without refusing anybody
// (supervisor.ts does so): on SIGTERM it accepts no more, and serves
// those it has until they leave, for at most `--drain` seconds. SIGINT, or a second SIGTERM, ends it at once.
//
// Try it as tcp_server:
//
//   printf 'hello\n' | node examples/dist/tcp_client.js --port 9000
//
// It takes as many sockets as there are, TCP and Unix. With
//
//   systemd-socket-activate -l 127.0.0.1:9000 -l @evloop --fdname=tcp:unix node examples/dist/tcp_listenfd_server.js
//
// it is also there for
//
//   printf 'hello\n' | socat -t 5 - ABSTRACT-CONNECT:evloop
import { chooseBackend } from './src/choose-backend.ts';
import { readCommandLine } from './src/command-line.ts';
import { EchoConnection } from './src/echo-connection.ts';
import { inheritListeners, placeOf } from './src/inherit-listeners.ts';
import { outliveOutput } from './src/outlive-output.ts';
import { runProgram } from './src/program.ts';
import { serve } from './src/serve.ts';
import { Stop } from './src/stop.ts';
import { Supervision } from './src/supervision.ts';

const DRAIN = { name: 'drain', value: 30, about: 'seconds until a drain cuts clients off' };

await runProgram(async () => {
  outliveOutput();
  const stop = new Stop().onSignals('drain');
  const options = readCommandLine('An echo server on inherited sockets.', 9000, [DRAIN]);
  stop.limitDrain((options.own['drain'] as number) * 1000);
  const backend = await chooseBackend(options.backend, options.wait);
  const supervision = await Supervision.begin(backend);
  const inherited = await inheritListeners(backend);
  for (const { listener, name } of inherited) {
    const where = `${placeOf(listener)} (inherited as '${name}')`;
    console.log(`tcp_listenfd_server on ${backend.name} listens on ${where}`);
  }
  supervision.ready('Accepting connections');
  const listeners = inherited.map(({ listener }) => listener);
  await serve(backend, listeners, { ...options, stop }, (client) => new EchoConnection(client));
  supervision.close();
});
