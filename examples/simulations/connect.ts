// evloop-sim run examples/dist/simulations/connect.js --seeds 1..1000
//
// `connect` of @evloop/service: connects to a server by name, which has an IPv6 and an IPv4
// address. In two of three seeds IPv6 does not work. There is a connection or an error, in time,
// and the attempts that lost leave no socket behind.
import { Loop } from '@evloop/service';
import { connect } from '@evloop/service/node';
import { type Backend, type Host, type Packet, simulate, swarm, type Verdict } from '@evloop/sim';
import { example } from './examples.ts';

const CLIENTS = 2;
const TIMEOUT_MS = 10_000;
/** How late a deadline of the loop may be, and what the processor takes beside. */
const LATE_MS = 130;
const PAUSE_MS = 1000;
/** The attempt over IPv6 has so long before IPv4 is tried, and a handshake takes little more. */
const SOON_MS = 1000;
/** What a client has open all the time: its poll. */
const OPEN = 1;

// A program that stands still is not in time.
const faults = swarm({ pause: undefined });
const options = { name: 'connect', until: '1000s', faults };

await simulate(options, async (sim) => {
  const problems: string[] = [];
  const connected = new Map<number, number>();
  let healed = false;
  const blocked = (['pass', 'drop', 'reject'] as const)[sim.seed % 3] as Verdict;
  const withoutIpv6 = ({ source }: Packet): Verdict =>
    source.family === 'IPv6' ? blocked : 'pass';
  sim.rule(withoutIpv6);
  const server = example('tcp_server', '--host', '::');
  sim.host('web', { ip: '10.0.0.1', ip6: 'fd00::1' }, server);

  async function client(backend: Backend, index: number, self: () => Host): Promise<void> {
    const loop = new Loop(backend);
    void loop.run();
    for (;;) {
      const [began, calm] = [performance.now(), healed];
      try {
        const target = { host: 'web', port: 9000 };
        const stream = await connect(loop, target, { timeoutMs: TIMEOUT_MS });
        const took = performance.now() - began;
        if (stream.peerAddr().port !== 9000) problems.push('connected to another port');
        if (calm && took > SOON_MS) problems.push(`connecting took ${took} ms without faults`);
        if (calm) connected.set(index, (connected.get(index) ?? 0) + 1);
        stream.close();
      } catch (error) {
        const took = performance.now() - began;
        if (took > TIMEOUT_MS + LATE_MS) problems.push(`the error came after ${took} ms`);
        if (calm) problems.push(`no connection without faults: ${(error as Error).message}`);
      }
      const open = self().process?.descriptors.open;
      if (open !== OPEN) problems.push(`${open} descriptors are open, not ${OPEN}`);
      await new Promise((resolve) => setTimeout(resolve, PAUSE_MS));
    }
  }

  const hosts: Host[] = Array.from({ length: CLIENTS }, (_, i) =>
    sim.host(`c${i}`, { ip6: `fd00::${i + 2}` }, ({ backend }) =>
      client(backend, i, () => hosts[i] as Host),
    ),
  );
  sim.always('connect connects or fails in time, and leaves nothing open', () => {
    if (problems.length > 0) throw new Error(problems[0]);
  });
  await sim.run('30s');
  sim.heal();
  sim.rule(withoutIpv6);
  // What a fault has begun ends first.
  await sim.run('20s');
  healed = true;
  const all = (): boolean =>
    connected.size === CLIENTS && [...connected.values()].every((count) => count >= 3);
  await sim.eventually('every client connects', all, '30s');
});
