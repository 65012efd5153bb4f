// evloop-sim run examples/dist/simulations/http-server.js --seeds 1..1000
//
// http_server with three clients: Node's own `http` at both ends, over @evloop/streams. Each
// response is the one of its request and whole, or the client gets an error.
import { get, type IncomingMessage, request } from 'node:http';
import { Loop } from '@evloop/service';
import { type HostContext, simulate, swarm } from '@evloop/sim';
import { EvloopAgent } from '@evloop/streams';
import { example, SMALL_BUFFERS } from './examples.ts';

const CLIENTS = 3;
const PATIENCE_MS = 20_000;
const PAUSE_MS = 700;
const URL = { host: '10.0.0.1', port: 8000 };

/** The requests of a client, in turn, and the answers that belong to them. */
const REQUESTS = [
  { method: 'GET', body: '', status: 200, answer: 'Hello world!\n' },
  { method: 'HEAD', body: '', status: 200, answer: '' },
  { method: 'POST', body: 'x'.repeat(5000), status: 405, answer: '' },
] as const;

/** Sends a request, and returns its answer. @throws why there is none. */
async function ask(
  agent: EvloopAgent,
  { method, body }: (typeof REQUESTS)[number],
): Promise<{ status: number | undefined; text: string }> {
  const signal = AbortSignal.timeout(PATIENCE_MS);
  const response = await new Promise<IncomingMessage>((resolve, reject) => {
    const options = { ...URL, agent, method, signal };
    const asked = method === 'GET' ? get(options, resolve) : request(options, resolve);
    asked.on('error', reject);
    if (method !== 'GET') asked.end(body);
  });
  let text = '';
  for await (const chunk of response) text += chunk;
  return { status: response.statusCode, text };
}

const options = { name: 'http-server', until: '1000s', faults: swarm(), tcp: SMALL_BUFFERS };

await simulate(options, async (sim) => {
  const problems: string[] = [];
  const answered = new Map<number, number>();
  let healed = false;
  const web = sim.host('web', { ip: '10.0.0.1' }, example('http_server', '--host', '0.0.0.0'));

  async function client({ backend, index, timers }: HostContext): Promise<void> {
    const loop = new Loop(backend);
    const running = loop.run();
    const agent = new EvloopAgent(loop, { keepAlive: true, maxSockets: 1 });
    for (let i = 0; (answered.get(index) ?? 0) < 2 * REQUESTS.length; i++) {
      const wanted = REQUESTS[i % REQUESTS.length] as (typeof REQUESTS)[number];
      try {
        const { status, text } = await ask(agent, wanted);
        if (status !== wanted.status || text !== wanted.answer) {
          problems.push(`${wanted.method} of client ${index}: ${status}, '${text}'`);
        }
        if (healed) answered.set(index, (answered.get(index) ?? 0) + 1);
      } catch {
        // An error was reported: the next request has a connection of its own.
      }
      await new Promise<void>((resolve) => timers.setTimeout(resolve, PAUSE_MS));
    }
    agent.destroy();
    loop.stop();
    await running;
  }

  sim.hosts('c', CLIENTS, client);
  sim.always('each answer is that of its request, and whole', () => {
    if (problems.length > 0) throw new Error(problems[0]);
  });
  await sim.run('10s');
  sim.heal();
  healed = true;
  const all = (): boolean =>
    answered.size === CLIENTS && [...answered.values()].every((n) => n >= 2 * REQUESTS.length);
  await sim.eventually('every client is answered', all, '200s');
  sim.signal(web, 'SIGTERM');
  await sim.eventually('the server has drained', () => web.process?.alive === false, '60s');
});
