// evloop-sim run examples/dist/simulations/udp-server.js --seeds 1..1000
//
// udp_server with two clients, on a network with every fault. A client hears only what it said,
// and on a network without faults it hears an answer to each datagram.
import { type Backend, Events, Interest, simulate, swarm, Token, WouldBlock } from '@evloop/sim';
import { example } from './examples.ts';

const CLIENTS = 2;
const PAUSE_MS = 200;
/** How many answers each client must get in the end. */
const ANSWERS = 20;

/** Datagram `number` of a client. Sizes differ, and the first is empty. */
function datagram(client: number, number: number): Buffer {
  if (number === 0) return Buffer.alloc(0);
  const bytes = Buffer.alloc(4 + ((number * 131) % 1400), number & 0xff);
  bytes.writeUInt16BE(client, 0);
  bytes.writeUInt16BE(number, 2);
  return bytes;
}

await simulate({ name: 'udp-server', until: '1000s', faults: swarm() }, async (sim) => {
  const problems: string[] = [];
  const answered = new Map<number, number>();
  let healed = false;
  sim.host('web', { ip: '10.0.0.1' }, example('udp_server', '--host', '0.0.0.0'));

  async function client(backend: Backend, index: number): Promise<void> {
    const socket = await backend.UdpSocket.bind('0.0.0.0:0');
    const poll = new backend.Poll();
    poll.registry.register(socket, Token(0), Interest.READABLE);
    const events = new Events(4);
    const buffer = Buffer.alloc(65_536);
    /** The first datagram that was sent when no fault could come any more. */
    let first: number | undefined;
    for (let number = 0; number < 5000; number++) {
      if (healed) first ??= number;
      socket.sendTo(datagram(index, number), '10.0.0.1:9000');
      const end = performance.now() + PAUSE_MS;
      for (let left = PAUSE_MS; left > 0; left = end - performance.now()) {
        await poll.poll(events, left);
        for (;;) {
          const got = socket.recvFrom(buffer);
          if (got === WouldBlock) break;
          const bytes = buffer.subarray(0, got.size);
          const said = got.size === 0 ? 0 : bytes.readUInt16BE(2);
          if (got.address.address !== '10.0.0.1' || !bytes.equals(datagram(index, said))) {
            problems.push(`client ${index} heard ${got.size} bytes that it never said`);
          }
          if (first !== undefined && said >= first) {
            answered.set(index, (answered.get(index) ?? 0) + 1);
          }
        }
      }
    }
  }

  sim.hosts('c', CLIENTS, ({ backend, index }) => client(backend, index));
  sim.always('clients hear only what they said', () => {
    if (problems.length > 0) throw new Error(problems[0]);
  });
  await sim.run('10s');
  sim.heal();
  healed = true;
  const enough = (): boolean =>
    answered.size === CLIENTS && [...answered.values()].every((count) => count >= ANSWERS);
  await sim.eventually('every datagram is answered', enough, `${(ANSWERS + 2) * PAUSE_MS}ms`);
});
