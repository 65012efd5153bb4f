// node examples/dist/tls_proxy.js --upstream localhost:9000 --certificates FOLDER
//
// Speaks TLS with its clients, and relays them to a plain upstream server. FOLDER has a file
// `NAME.pem` for each name that clients ask for, with the certificate and its key, and
// `default.pem` for those that ask for none. With tcp_server on port 9000, try it with one of
//
//   node -e "require('tls').connect(8443, { rejectUnauthorized: false }).pipe(process.stdout)"
//   printf 'hello\n' | openssl s_client -quiet -connect 127.0.0.1:8443
//
// A changed file is read again after `--reload` seconds. SIGTERM drains it: it accepts no more, and
// ends when its clients have left, after `--drain` seconds at most.
import { readFile } from 'node:fs/promises';
import { createSecureContext, type SecureContext, type TlsOptions } from 'node:tls';
import * as epoll from '@evloop/epoll';
import * as net from '@evloop/net';
import { type Connection, RelayError, relay, Server } from '@evloop/service';
import { connect, onSignals } from '@evloop/service/node';
import { Failure, program, reason, targetOf } from '@evloop/service/program';
import { fromDuplex, secureAccept } from '@evloop/streams';

const options = {
  upstream: { value: '', hint: 'HOST:PORT', about: 'the server behind it, a name or an address' },
  certificates: { value: '', hint: 'FOLDER', about: 'where NAME.pem and default.pem are' },
  reload: { value: 60, about: 'seconds until a certificate is read again' },
  clients: { value: 10_000, about: 'the most clients at a time; others wait' },
  idle: { value: 3600, about: 'seconds until a connection on which nothing moves is closed' },
  drain: { value: 30, about: 'seconds until a drain cuts clients off' },
};

/** The certificates of a folder, by the name of their file. */
class Certificates {
  readonly #folder: string;
  readonly #reloadMs: number;
  readonly #read = new Map<string, { readonly at: number; readonly context: SecureContext }>();

  constructor(folder: string, reloadMs: number) {
    this.#folder = folder;
    this.#reloadMs = reloadMs;
  }

  async of(name: string): Promise<SecureContext> {
    const known = this.#read.get(name);
    if (known !== undefined && performance.now() - known.at < this.#reloadMs) return known.context;
    const pem = await readFile(`${this.#folder}/${name}.pem`);
    const context = createSecureContext({ cert: pem, key: pem });
    this.#read.set(name, { at: performance.now(), context });
    return context;
  }
}

await program(
  { about: 'TLS in front of a server.', port: 8443, backends: { epoll, net }, options, sliceMs: 1 },
  async (it) => {
    const { loop, own } = it;
    const target = targetOf('--upstream', own.upstream);
    const certificates = new Certificates(own.certificates, own.reload * 1000);
    const pem = await readFile(`${own.certificates}/default.pem`).catch((error) => {
      throw new Failure(`cannot read default.pem in --certificates: ${reason(error)}`);
    });
    const tls: TlsOptions = {
      cert: pem,
      key: pem,
      allowHalfOpen: true,
      SNICallback: (name, done) => {
        // It is the client's word: no part of it may leave the folder.
        const isName = /^[a-z0-9][a-z0-9.-]*$/i.test(name);
        certificates
          .of(isName ? name.toLowerCase() : 'default')
          .catch(() => certificates.of('default'))
          .then((context) => done(null, context), done);
      },
    };

    async function serve(client: Connection, signal: AbortSignal): Promise<void> {
      try {
        const socket = await secureAccept(client.stream, loop, tls);
        signal.addEventListener('abort', () => socket.destroy());
        const upstream = await connect(loop, target, { signal });
        // When the relay has ended, TLS may still hold bytes for the client.
        socket.once('close', () => client.close());
        await relay(loop, fromDuplex(socket), upstream, { idleTimeout: own.idle * 1000, signal });
      } catch (error) {
        const cause = error instanceof RelayError ? error.cause : error;
        if (!signal.aborted) it.hint(`a client was cut off: ${reason(cause)}`);
        if (!(error instanceof RelayError)) client.close();
      }
    }

    const listener = await it.listen();
    const { address, port } = listener.localAddr();
    it.hint('Try it with:', `  openssl s_client -connect ${address}:${port}`);
    const server = new Server(
      loop,
      [listener],
      (client) => {
        client.detach();
        const abort = new AbortController();
        void serve(client, abort.signal);
        return { step: () => 'wait', closed: () => abort.abort(new Failure('it was closed')) };
      },
      { maxConnections: own.clients, log: it.log },
    );
    onSignals(server, { SIGTERM: 'drain', SIGINT: 'stop' }, { deadlineMs: own.drain * 1000 });
    await loop.run();
  },
);
