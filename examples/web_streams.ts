// node examples/dist/web_streams.js --upstream localhost:9000            (after `npm run build`)
//
// Relays each client to an upstream server through a TransformStream, which turns what the client
// sends into capitals. With tcp_server on port 9000:
//
//   printf 'hello\n' | node examples/dist/tcp_client.js --port 9200
//   printf 'hello\n' | ncat 127.0.0.1 9200
//
// Nothing is read before it is asked for, so its memory is bounded. Each side may end before the
// other. SIGTERM drains it: it ends when its clients have left, after `--drain` seconds at most.
import * as epoll from '@evloop/epoll';
import * as net from '@evloop/net';
import { type Connection, Server } from '@evloop/service';
import { connect, onSignals } from '@evloop/service/node';
import { program, reason, targetOf } from '@evloop/service/program';
import { toWeb, type WebSocketStreams } from '@evloop/streams';

const options = {
  upstream: { value: '', hint: 'HOST:PORT', about: 'the server behind it, a name or an address' },
  clients: { value: 1000, about: 'the most clients at a time; others wait' },
  connect: { value: 10, about: 'seconds until an upstream that does not answer is given up' },
  drain: { value: 30, about: 'seconds until a drain cuts clients off' },
};

/**
 * Turns the letters a to z into capitals, byte by byte: a character may be cut between two chunks.
 */
function capitals(): TransformStream<Uint8Array, Uint8Array> {
  return new TransformStream({
    transform: (chunk, controller) => {
      controller.enqueue(chunk.map((byte) => (byte >= 0x61 && byte <= 0x7a ? byte - 32 : byte)));
    },
  });
}

await program(
  { about: 'Relays in capitals.', port: 9200, backends: { epoll, net }, options, sliceMs: 1 },
  async (it) => {
    const { loop, own } = it;
    const target = targetOf('--upstream', own.upstream);

    async function serve(client: Connection, signal: AbortSignal): Promise<void> {
      const near = toWeb(client.stream, loop);
      let far: WebSocketStreams | undefined;
      try {
        far = toWeb(await connect(loop, target, { signal, timeoutMs: own.connect * 1000 }), loop);
        await Promise.all([
          near.readable.pipeThrough(capitals()).pipeTo(far.writable, { signal }),
          far.readable.pipeTo(near.writable, { signal }),
        ]);
      } catch (error) {
        if (!signal.aborted) it.hint(`a client was cut off: ${reason(error)}`);
      }
      // After an error one of them may still be open.
      await Promise.allSettled([near.close(), far?.close()]);
      client.close();
    }

    const listener = await it.listen();
    const { address, port } = listener.localAddr();
    it.hint(
      `What clients send goes to ${own.upstream} in capitals. Try it with:`,
      `  node examples/dist/tcp_client.js --host ${address} --port ${port}`,
    );
    const server = new Server(
      loop,
      [listener],
      (client) => {
        client.detach();
        const abort = new AbortController();
        void serve(client, abort.signal);
        return { step: () => 'wait', closed: () => abort.abort() };
      },
      { maxConnections: own.clients, log: it.log },
    );
    onSignals(server, { SIGTERM: 'drain', SIGINT: 'stop' }, { deadlineMs: own.drain * 1000 });
    await loop.run();
  },
);
