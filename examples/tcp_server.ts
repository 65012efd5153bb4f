// node examples/dist/tcp_server.js            (after `npm run build`; or just: npm start)
//
// An echo server. It says `Hello world!` and then sends back whatever a client sends. Try it with one of
//
//   printf 'hello\n' | node examples/dist/tcp_client.js --port 9000
//   printf 'hello\n' | ncat 127.0.0.1 9000
//   printf 'hello\n' | socat -t 5 - TCP:127.0.0.1:9000
//
// and start it with `--backend net` or `--backend epoll`, with `--wait sync`, or with `--help`.
//
// The rest, in reading order: src/run-loop.ts waits; src/stream-service.ts accepts clients and lets them work in turn;
// src/echo-connection.ts is what happens to one client; src/outbox.ts is how it is written to.
import { formatSocketAddress } from '@evloop/core';
import { chooseBackend } from './src/choose-backend.ts';
import { type Options, readCommandLine } from './src/command-line.ts';
import { EchoConnection } from './src/echo-connection.ts';
import { listen } from './src/listen.ts';
import { outliveOutput } from './src/outlive-output.ts';
import { runProgram } from './src/program.ts';
import { serve } from './src/serve.ts';
import { Stop } from './src/stop.ts';

await runProgram(async () => {
  outliveOutput();
  const stop = new Stop().onSignals();
  const options = readCommandLine('An echo server.', 9000);
  const backend = await chooseBackend(options.backend, options.wait);
  const listener = await listen(backend, options.address);
  const address = listener.localAddr();
  console.log(`tcp_server on ${backend.name} listens on ${formatSocketAddress(address)}`);
  if (!options.quiet) console.log(howToTry(address.address, address.port, options));
  await serve(backend, [listener], { ...options, stop }, (client) => new EchoConnection(client));
});

function howToTry(host: string, port: number, options: Options): string {
  const target = host.includes(':') ? `[${host}]` : host;
  const family = host.includes(':') ? 'TCP6' : 'TCP';
  return [
    'Try it with one of these, type something, and see it come back:',
    `  node examples/dist/tcp_client.js --host ${host} --port ${port} --backend ${options.backend}`,
    `  ncat ${host} ${port}`,
    `  socat - ${family}:${target}:${port}`,
  ].join('\n');
}
