// bun bun.js SERVICE: the services on Bun's own sockets; prints its port.
import {
  BURST,
  BURST_SIZE,
  burstBytes,
  isQuestion,
  LONGEST_LINE,
  type Service,
  serviceOf,
} from './service.ts';

interface BunSocket {
  data: { rest: Uint8Array | undefined };
  write(bytes: Uint8Array): number;
  setNoDelay(on: boolean): void;
  end(): void;
}
interface BunUdp {
  readonly port: number;
  send(bytes: Uint8Array | string, port: number, address: string): boolean;
  sendMany(packets: (Uint8Array | number | string)[]): number;
}
interface Handlers {
  open(socket: BunSocket): void;
  data(socket: BunSocket, chunk: Buffer): void;
  drain(socket: BunSocket): void;
  close(socket: BunSocket): void;
  error(): void;
}
declare const Bun: {
  listen(options: { hostname: string; port: number; socket: Handlers }): { readonly port: number };
  udpSocket(options: {
    hostname: string;
    port: number;
    socket: {
      data(socket: BunUdp, bytes: Buffer, port: number, address: string): void;
      error(): void;
    };
  }): Promise<BunUdp>;
};

const NEWLINE = 10;
const service = serviceOf(process.argv[2]);

// Bun's write says how much it took, and queues nothing.
const echo: Handlers = {
  open(socket) {
    socket.data = { rest: undefined };
  },
  data(socket, chunk) {
    const { data } = socket;
    if (data.rest !== undefined) {
      data.rest = Buffer.concat([data.rest, chunk]);
      return;
    }
    const taken = socket.write(chunk);
    if (taken < chunk.length) data.rest = chunk.subarray(Math.max(taken, 0));
  },
  drain(socket) {
    const { data } = socket;
    if (data.rest === undefined) return;
    const taken = socket.write(data.rest);
    data.rest = taken < data.rest.length ? data.rest.subarray(Math.max(taken, 0)) : undefined;
  },
  close() {},
  error() {},
};

const clients = new Set<BunSocket>();

const chat: Handlers = {
  open(socket) {
    socket.data = { rest: undefined };
    socket.setNoDelay(true);
    clients.add(socket);
  },
  data(socket, chunk) {
    const { data } = socket;
    const whole = chunk.lastIndexOf(NEWLINE) + 1;
    const { rest } = data;
    if (whole === 0) {
      data.rest = rest === undefined ? chunk : Buffer.concat([rest, chunk]);
      if (data.rest.length > LONGEST_LINE) socket.end();
      return;
    }
    const lines = whole === chunk.length ? chunk : chunk.subarray(0, whole);
    data.rest = whole < chunk.length ? chunk.subarray(whole) : undefined;
    const message = rest === undefined ? lines : Buffer.concat([rest, lines]);
    for (const client of clients) {
      // A client that has no room for a line is too slow.
      if (client !== socket && client.write(message) < message.length) client.end();
    }
  },
  drain() {},
  close(socket) {
    clients.delete(socket);
  },
  error() {},
};

async function serveDatagrams(service: Service): Promise<number> {
  const burst = burstBytes();
  const parts = Array.from({ length: BURST }, (_, i) =>
    burst.subarray(i * BURST_SIZE, (i + 1) * BURST_SIZE),
  );
  let count = 0;
  let bytes = 0;
  const { port } = await Bun.udpSocket({
    hostname: '127.0.0.1',
    port: 0,
    socket: {
      data(socket, message, port, address) {
        if (service === 'udp-echo') {
          socket.send(message, port, address);
        } else if (service === 'udp-send') {
          socket.sendMany(parts.flatMap((part) => [part, port, address]));
        } else if (isQuestion(message, message.length)) {
          socket.send(`${count} ${bytes}`, port, address);
        } else {
          count++;
          bytes += message.length;
        }
      },
      error() {}, // a client that is gone
    },
  });
  return port;
}

const hostname = '127.0.0.1';
const streams = service === 'tcp-echo' ? echo : chat;
const port = service.startsWith('udp')
  ? await serveDatagrams(service)
  : Bun.listen({ hostname, port: 0, socket: streams }).port;
process.stdout.write(`listening ${port}\n`);
