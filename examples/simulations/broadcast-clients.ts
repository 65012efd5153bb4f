// Clients of broadcast_server, and what they expect of it.
import { type Report, simulate, swarm } from '@evloop/sim';
import { example, SMALL_BUFFERS } from './examples.ts';
import { Peer } from './peer.ts';

/** How many lines a client says at once, and how often. */
const [LINES, BURSTS, PAUSE_MS] = [5, 4, 300];
const HEARTBEAT_MS = 4000;

/** What one connection of a client has heard. Lines are `client.session.number`. */
class Ear {
  readonly #last = new Map<string, number>();
  readonly #onSender: (sender: number) => void;
  #text = '';

  constructor(onSender: (sender: number) => void) {
    this.#onSender = onSender;
  }

  hear(piece: Uint8Array): string | undefined {
    const lines = (this.#text + Buffer.from(piece).toString('latin1')).split('\n');
    this.#text = lines.pop() ?? '';
    for (const line of lines) {
      const match = /^(\d+)\.(\d+)\.(\d+)$/.exec(line);
      if (match === null) return `heard '${line}'`;
      const [, sender, session, number] = match.map(Number) as [number, number, number, number];
      const key = `${sender}.${session}`;
      const last = this.#last.get(key);
      if (last !== undefined && number !== last + 1) return `heard ${line} behind ${last}`;
      this.#last.set(key, number);
      this.#onSender(sender);
    }
    return undefined;
  }
}

/**
 * Simulates broadcast_server with `count` clients, on a network with every fault.
 *
 * A client hears the lines of each other client whole and in order, without a gap for as long as
 * both are connected. In the end everybody hears everybody, and SIGTERM drains the server.
 */
export function simulateBroadcast(name: string, count: number): Promise<Report> {
  const options = { name, until: '2000s', faults: swarm(), tcp: SMALL_BUFFERS };
  return simulate(options, async (sim) => {
    const problems: string[] = [];
    // Since the faults ended.
    const heard = new Set<string>();
    let healed = false;
    const web = sim.host(
      'web',
      { ip: '10.0.0.1' },
      example('broadcast_server', '--host', '0.0.0.0'),
    );
    sim.hosts('c', count, async ({ backend, index, incarnation }) => {
      for (let session = 1; ; session++) {
        const peer = new Peer(backend);
        const ear = new Ear((sender) => healed && heard.add(`${index} heard ${sender}`));
        const hear = (piece: Uint8Array): void => {
          const problem = ear.hear(piece);
          if (problem !== undefined) problems.push(`client ${index} ${problem}`);
        };
        let number = 0;
        const lines = (many: number): Uint8Array =>
          Buffer.from(
            Array.from({ length: many }, () => {
              return `${index}.${incarnation * 1000 + session}.${number++}\n`;
            }).join(''),
          );
        try {
          await peer.connect('10.0.0.1:8080');
          let open = true;
          for (let i = 0; i < BURSTS && open; i++) {
            open = await peer.listen(lines(LINES), hear, PAUSE_MS);
          }
          while (open) open = await peer.listen(lines(1), hear, HEARTBEAT_MS);
        } catch {
          // An error was reported: the next session starts from the beginning.
        }
        await peer.pause(500);
        peer.close();
      }
    });
    sim.always('lines are heard whole, in order, without a gap', () => {
      if (problems.length > 0) throw new Error(problems[0]);
    });
    await sim.run('15s');
    sim.heal();
    healed = true;
    const all = (): boolean => heard.size === count * (count - 1);
    await sim.eventually('everybody hears everybody', all, '300s');
    sim.signal(web, 'SIGTERM');
    await sim.eventually('the server has drained', () => web.process?.alive === false, '60s');
  });
}
