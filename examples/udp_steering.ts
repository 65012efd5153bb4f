// node examples/dist/udp_steering.js --port 9000 --workers 4            (Linux)
//
// A UDP service on several threads, each blocked in a loop of its own on a socket of one group. The
// kernel gives each datagram to the thread that its first byte names, as QUIC servers do with
// connection IDs. Answers with the number of the thread.
import { parseArgs } from 'node:util';
import { isMainThread, parentPort, Worker, workerData } from 'node:worker_threads';
import { Events, Interest, Poll, Token, UdpSocket, WouldBlock } from '@evloop/epoll';

interface Setup {
  readonly index: number;
  readonly host: string;
  readonly port: number;
  readonly workers: number;
}

if (isMainThread) await main();
else serve(workerData as Setup);

async function main(): Promise<void> {
  const { values } = parseArgs({
    options: {
      host: { type: 'string', default: '127.0.0.1' },
      port: { type: 'string', default: '9000' },
      workers: { type: 'string', default: '4' },
    },
  });
  const workers = Number(values.workers);
  let port = Number(values.port);
  // One after the other: the kernel counts the sockets of a group in the order of their bind.
  for (let index = 0; index < workers; index++) {
    const setup: Setup = { index, host: values.host, port, workers };
    const worker = new Worker(new URL(import.meta.url), { workerData: setup });
    port = await new Promise<number>((resolve, reject) => {
      worker.once('message', resolve).once('error', reject);
    });
  }
  process.once('SIGTERM', () => process.exit(0)).once('SIGINT', () => process.exit(0));
  console.log(`udp_steering on epoll listens on ${values.host}:${port} with ${workers} threads`);
}

function serve({ index, host, port, workers }: Setup): void {
  const socket = UdpSocket.bind(
    { address: host, port },
    // The program is for the whole group, so one socket sets it.
    index === 0
      ? { socket: { reusePort: true, steering: { by: 'byte', offset: 0, sockets: workers } } }
      : { socket: { reusePort: true } },
  );
  parentPort?.postMessage(socket.localAddr().port);
  const poll = new Poll();
  poll.registry.register(socket, Token(0), Interest.READABLE);
  const events = new Events(1);
  const buffer = new Uint8Array(65_536);
  const answer = new TextEncoder().encode(`thread ${index}\n`);
  for (;;) {
    poll.pollSync(events);
    // Until it would block: only then is there another event.
    while (next(socket, buffer, answer)) {}
  }
}

function next(socket: UdpSocket, buffer: Uint8Array, answer: Uint8Array): boolean {
  try {
    const datagram = socket.recvFrom(buffer);
    if (datagram === WouldBlock) return false;
    socket.replyTo(answer, datagram); // When it would block, the answer is lost: this is UDP.
  } catch (error) {
    console.error(String(error)); // It concerns one datagram, and the socket goes on.
  }
  return true;
}
