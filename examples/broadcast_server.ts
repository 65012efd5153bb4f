// node examples/dist/broadcast_server.js            (after `npm run build`)
//
// Sends each line that a client sends to all other clients. Start two or more of these, and type:
//
//   node examples/dist/tcp_client.js --port 8080
//   ncat 127.0.0.1 8080
//   socat - TCP:127.0.0.1:8080
//
// Lines arrive in pieces and are joined. A client that does not read is dropped, and so is one that
// sends a line without an end.
//
// With `--bridge nats://HOST:PORT` several of these are one room, on several machines: each passes
// its lines to a NATS broker (https://nats.io), and its clients hear those of the others. While the
// broker is away each goes on alone.
import { ByteQueue, TooLong } from '@evloop/buffer';
import * as epoll from '@evloop/epoll';
import * as net from '@evloop/net';
import { type Connection, type Handler, type Next, Server } from '@evloop/service';
import { onSignals } from '@evloop/service/node';
import { program } from '@evloop/service/program';
import { connect } from '@nats-io/transport-node';

/**
 * How much of one client is read, and how many lines are passed on, before others have their turn.
 */
const [READ_PER_STEP, LINES_PER_STEP] = [65536, 64];
const NEXT = { 'would-block': 'wait', full: 'again', more: 'again', end: 'end' } as const;
const SUBJECT = 'evloop.broadcast';

/** The clients of one server. `publish` passes a line to the servers on other machines. */
type Room = { clients: Set<Talker>; maxLine: number; publish(line: Uint8Array): void };

/** One client. What follows its last newline is no line, and goes nowhere. */
class Talker implements Handler {
  readonly #client: Connection;
  readonly #room: Room;
  readonly #input: ByteQueue;

  constructor(client: Connection, room: Room) {
    this.#client = client;
    this.#room = room;
    this.#input = new ByteQueue({ limit: room.maxLine + READ_PER_STEP });
    room.clients.add(this);
  }

  step(): Next {
    const { clients, maxLine } = this.#room;
    const filled = this.#input.fillFrom(this.#client.stream, READ_PER_STEP);
    for (let lines = 0; lines < LINES_PER_STEP; lines++) {
      const line = this.#input.takeUntil(0x0a, maxLine);
      if (line === TooLong) return this.#refuse(maxLine);
      if (line === undefined) {
        if (filled === 'end') this.closed();
        return NEXT[filled];
      }
      for (const other of clients) if (other !== this) other.hear(line);
      this.#room.publish(line);
    }
    return 'again';
  }

  /** Queues a line. All lines of a turn leave together, in this client's own step. */
  hear(line: Uint8Array): void {
    this.#client.post(line);
  }

  drain(): void {
    this.closed();
    this.#client.outbox.end();
  }

  closed(): void {
    this.#room.clients.delete(this);
  }

  #refuse(most: number): Next {
    this.closed();
    const message = Buffer.from(`Line too long: at most ${most} bytes\n`);
    this.#client.refuse(message, new Error(`a line of more than ${most} bytes`));
    return 'wait';
  }
}

/** Joins the rooms of several servers through a broker. It waits for a broker that is away. */
async function bridge(servers: string, room: Room, tell: (what: string) => void): Promise<void> {
  const forever = { maxReconnectAttempts: -1, reconnectTimeWait: 500, waitOnFirstConnect: true };
  const broker = await connect({ servers, noEcho: true, ...forever });
  const hear = (_: unknown, { data }: { data: Uint8Array }) => {
    for (const client of room.clients) client.hear(data);
  };
  broker.subscribe(SUBJECT, { callback: hear });
  let connected = true;
  // The broker's client would queue without a bound while the broker is away.
  room.publish = (line) => connected && broker.publish(SUBJECT, line);
  tell('connected');
  for await (const { type } of broker.status()) {
    if (type !== 'disconnect' && type !== 'reconnect') continue;
    connected = type === 'reconnect';
    tell(`${type}ed`);
  }
}

const options = {
  'max-line': { value: 65536, about: 'the longest line, in bytes' },
  queue: { value: 1048576, about: 'how many bytes may wait for a slow client' },
  bridge: { value: '', hint: 'URL', about: 'a NATS broker that joins several servers' },
};
const usage = { about: 'Sends each line to all other clients.', port: 8080, options };
await program({ ...usage, backends: { epoll, net } }, async (it) => {
  const listener = await it.listen();
  const { address, port } = listener.localAddr();
  const client = `node examples/dist/tcp_client.js --host ${address} --port ${port}`;
  it.hint('Try it with two or more of these:', `  ${client}`, `  ncat ${address} ${port}`);
  const { queue, 'max-line': maxLine } = it.own;
  const room: Room = { clients: new Set(), maxLine, publish: () => {} };
  const outbox = { highWater: queue, lowWater: 0, limit: queue };
  const limits = { maxConnections: 10_000, outbox, log: it.log };
  const server = new Server(it.loop, [listener], (one) => new Talker(one, room), limits);
  onSignals(server, { SIGTERM: 'drain', SIGINT: 'stop' });
  if (it.own.bridge !== '') void bridge(it.own.bridge, room, (what) => it.print(`bridge ${what}`));
  await it.loop.run();
});
