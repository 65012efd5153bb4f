// node examples/dist/tcp_proxy.js --upstream localhost:9000            (after `npm run build`)
//
// Relays each client to an upstream server, which is a name or an address. With tcp_server on port
// 9000:
//
//   node examples/dist/tcp_client.js --port 9100
//   printf 'hello\n' | node examples/dist/tcp_client.js --port 9100
//   printf 'hello\n' | ncat 127.0.0.1 9100
//
// When one side ends, the other side is told, and may go on. It reads only what the other side has
// taken, so its memory is bounded. All times and numbers have limits, also when one side has ended.
// SIGTERM drains it: it accepts no more, and ends when its clients have left, after `--drain`
// seconds
// at most. SIGINT, or a second SIGTERM, ends it at once.
import * as epoll from '@evloop/epoll';
import * as net from '@evloop/net';
import { type Connection, type RelayCounts, RelayError, relay, Server } from '@evloop/service';
import { connect, onSignals } from '@evloop/service/node';
import { Failure, program, targetOf } from '@evloop/service/program';

const options = {
  upstream: { value: '', hint: 'HOST:PORT', about: 'the server behind it, a name or an address' },
  clients: { value: 10_000, about: 'the most clients at a time; others wait' },
  connect: { value: 10, about: 'seconds until an upstream that does not answer is given up' },
  idle: { value: 3600, about: 'seconds until a connection on which nothing moves is closed' },
  'half-idle': { value: 60, about: 'the same, in seconds, once one side has ended' },
  drain: { value: 30, about: 'seconds until a drain cuts clients off' },
};

/** What has become of the clients, for the last line. */
class Tally {
  served = 0;
  failed = 0;
  unreachable = 0;
  bytes = 0;

  count({ aToB, bToA }: RelayCounts): void {
    this.bytes += aToB + bToA;
  }

  toString(): string {
    const clients = `${this.served} clients served, ${this.failed} cut off`;
    return `${clients}, ${this.unreachable} without an upstream; ${this.bytes} bytes relayed`;
  }
}

await program(
  { about: 'Relays TCP connections.', port: 9100, backends: { epoll, net }, options },
  async (it) => {
    const { loop, own } = it;
    const target = targetOf('--upstream', own.upstream);
    const tally = new Tally();
    const timeoutMs = own.connect * 1000;
    const limits = { idleTimeout: own.idle * 1000, halfCloseIdleMs: own['half-idle'] * 1000 };

    async function serve(client: Connection, signal: AbortSignal): Promise<void> {
      try {
        // Nagle's algorithm would delay what was sent without delay.
        if ('setNodelay' in client.stream) client.stream.setNodelay(true);
        const upstream = await connect(loop, target, {
          timeoutMs,
          signal,
          tcp: { socket: { nodelay: true } },
        });
        tally.count(await relay(loop, client.stream, upstream, { ...limits, signal }));
        tally.served++;
        client.close();
      } catch (error) {
        if (error instanceof RelayError) tally.count(error);
        if (error instanceof RelayError || signal.aborted) tally.failed++;
        else tally.unreachable++;
        client.close(error as Error);
      }
    }

    const listener = await it.listen();
    const { address, port } = listener.localAddr();
    it.hint(
      `Each client is relayed to ${own.upstream}. Try it with:`,
      `  node examples/dist/tcp_client.js --host ${address} --port ${port}`,
    );
    const server = new Server(
      loop,
      [listener],
      (client) => {
        // The relay attaches the stream. The server counts the client until it is closed.
        client.detach();
        const abort = new AbortController();
        void serve(client, abort.signal);
        return { step: () => 'wait', closed: () => abort.abort(new Failure('it was closed')) };
      },
      { maxConnections: own.clients, log: it.log },
    );
    onSignals(server, { SIGTERM: 'drain', SIGINT: 'stop' }, { deadlineMs: own.drain * 1000 });
    await loop.run();
    it.hint(`${tally}`);
  },
);
