// deno run -A --unstable-net deno.js SERVICE: the services on Deno's own sockets; prints its port.
import {
  BURST,
  BURST_SIZE,
  burstBytes,
  isQuestion,
  LONGEST_LINE,
  type Service,
  serviceOf,
} from './service.ts';

interface Address {
  readonly hostname: string;
  readonly port: number;
}
interface Connection {
  read(into: Uint8Array): Promise<number | null>;
  write(bytes: Uint8Array): Promise<number>;
  setNoDelay(on: boolean): void;
  close(): void;
}
interface Listener extends AsyncIterable<Connection> {
  readonly addr: Address;
}
interface Datagrams {
  readonly addr: Address;
  receive(into: Uint8Array): Promise<[Uint8Array, Address]>;
  send(bytes: Uint8Array, to: Address): Promise<number>;
}
declare const Deno: {
  readonly args: string[];
  listen(options: Address): Listener;
  listenDatagram(options: Address & { transport: 'udp' }): Datagrams;
};

const NEWLINE = 10;
const here: Address = { hostname: '127.0.0.1', port: 0 };
const service = serviceOf(Deno.args[0]);

async function writeAll(connection: Connection, bytes: Uint8Array): Promise<void> {
  for (let done = 0; done < bytes.length; ) {
    done += await connection.write(done === 0 ? bytes : bytes.subarray(done));
  }
}

async function echo(connection: Connection): Promise<void> {
  const buffer = new Uint8Array(16384);
  try {
    for (;;) {
      const size = await connection.read(buffer);
      if (size === null) break;
      await writeAll(connection, buffer.subarray(0, size));
    }
  } catch {}
  connection.close();
}

const clients = new Set<Connection>();

async function chat(connection: Connection): Promise<void> {
  const buffer = new Uint8Array(16384);
  let rest = new Uint8Array();
  clients.add(connection);
  connection.setNoDelay(true);
  try {
    while (rest.length <= LONGEST_LINE) {
      const size = await connection.read(buffer);
      if (size === null) break;
      const chunk = new Uint8Array(rest.length + size);
      chunk.set(rest);
      chunk.set(buffer.subarray(0, size), rest.length);
      const whole = chunk.lastIndexOf(NEWLINE) + 1;
      rest = chunk.subarray(whole);
      const lines = chunk.subarray(0, whole);
      const others = [...clients].filter((client) => client !== connection);
      if (whole > 0) await Promise.allSettled(others.map((client) => writeAll(client, lines)));
    }
  } catch {}
  clients.delete(connection);
  connection.close();
}

async function serveStreams(listener: Listener, serve: typeof echo): Promise<void> {
  for await (const connection of listener) void serve(connection);
}

async function serveDatagrams(socket: Datagrams, service: Service): Promise<void> {
  const burst = burstBytes();
  const buffer = new Uint8Array(65536);
  let count = 0;
  let bytes = 0;
  for (;;) {
    const [message, from] = await socket.receive(buffer);
    if (service === 'udp-echo') {
      await socket.send(message, from);
    } else if (service === 'udp-send') {
      for (let i = 0; i < BURST; i++) {
        await socket.send(burst.subarray(i * BURST_SIZE, (i + 1) * BURST_SIZE), from);
      }
    } else if (isQuestion(message, message.length)) {
      await socket.send(new TextEncoder().encode(`${count} ${bytes}`), from);
    } else {
      count++;
      bytes += message.length;
    }
  }
}

if (service.startsWith('udp')) {
  const socket = Deno.listenDatagram({ ...here, transport: 'udp' });
  console.log(`listening ${socket.addr.port}`);
  await serveDatagrams(socket, service);
} else {
  const listener = Deno.listen(here);
  console.log(`listening ${listener.addr.port}`);
  await serveStreams(listener, service === 'tcp-echo' ? echo : chat);
}
