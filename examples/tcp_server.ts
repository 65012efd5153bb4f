// node examples/dist/tcp_server.js            (after `npm run build`; or just: npm start)
//
// An echo server. It says `Hello world!` and then sends back whatever a client sends. Try it with
//
//   printf 'hello\n' | node examples/dist/tcp_client.js --port 9000
//   printf 'hello\n' | ncat 127.0.0.1 9000
//   printf 'hello\n' | socat -t 5 - TCP:127.0.0.1:9000
//
// and start it with `--backend net` or `--backend epoll`, with `--wait sync`, or with `--help`.
//
// It may be left running. Clients, idle time and the memory for slow readers have limits. SIGTERM
// drains it: it accepts no more, ends its side of each connection, and waits for the clients to
// end theirs, for at most `--drain` seconds. SIGINT, or a second SIGTERM, ends it at once.
import * as epoll from '@evloop/epoll';
import * as net from '@evloop/net';
import { type Connection, type Handler, type Next, Server } from '@evloop/service';
import { onSignals } from '@evloop/service/node';
import { program } from '@evloop/service/program';

/** One buffer serves all connections: what was read is sent or queued before the next read. */
const buffer = new Uint8Array(65536);

/**
 * Greets a client and then sends back what it sends.
 *
 * Nothing is allocated for a message. `receive` reads until the client would block. It stops
 * reading from a client that does not read, so that its bytes wait in its own socket.
 */
class Echo implements Handler {
  readonly #client: Connection;
  #draining = false;

  constructor(client: Connection, greeting: Uint8Array) {
    this.#client = client;
    if (greeting.length > 0) client.send(greeting);
  }

  step(): Next {
    return this.#client.receive(buffer, this.#echo);
  }

  drain(): void {
    this.#draining = true;
    // Closing would discard what the client has sent and what it has not read yet.
    this.#client.outbox.end();
  }

  readonly #echo = (size: number): void => {
    if (!this.#draining) this.#client.send(buffer, 0, size);
  };
}

await program(
  {
    about: 'An echo server.',
    port: 9000,
    backends: { epoll, net },
    options: {
      greeting: { value: 'Hello world!', about: 'the first line that a client gets, or nothing' },
      clients: { value: 10_000, about: 'the most clients at a time; others wait' },
      idle: { value: 600, about: 'seconds until an idle client is closed' },
      drain: { value: 10, about: 'seconds until a drain cuts clients off' },
    },
  },
  async (it) => {
    const listener = await it.listen();
    const { address, port, family } = listener.localAddr();
    const target = family === 'IPv6' ? `TCP6:[${address}]` : `TCP:${address}`;
    it.hint(
      'Try it with one of these, type something, and see it come back:',
      `  node examples/dist/tcp_client.js --host ${address} --port ${port}`,
      `  ncat ${address} ${port}`,
      `  socat - ${target}:${port}`,
    );
    const { greeting } = it.own;
    const first = new TextEncoder().encode(greeting && `${greeting}\n`);
    const server = new Server(it.loop, [listener], (client) => new Echo(client, first), {
      maxConnections: it.own.clients,
      idleTimeout: it.own.idle * 1000,
      log: it.log,
    });
    onSignals(server, { SIGTERM: 'drain', SIGINT: 'stop' }, { deadlineMs: it.own.drain * 1000 });
    await it.loop.run();
  },
);
