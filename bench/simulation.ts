// npm run bench:simulation [-- --quick]: what a simulation costs on one core. Prints a table.
//
// Figures are per second of processor time of this process, so that other work on the machine
// counts little. Each is the median of several rounds.
import {
  type Backend,
  Events,
  explore,
  Interest,
  type Sim,
  type SimulateOptions,
  swarm,
  type TcpStream,
  Token,
  WouldBlock,
} from '@evloop/sim';

const quick = process.argv.includes('--quick');
const ROUNDS = quick ? 3 : 7;
const [CLIENTS, LINES] = [5, 20];
const ADDRESS = '10.0.0.1:9000';
const { READABLE, WRITABLE } = Interest;

/** What a run of internals answers: see packages/sim/src/run/run-once.ts. */
interface Run {
  readonly events: number;
}
type RunOnce = (options: SimulateOptions, body: unknown, request: object) => Promise<Run>;
type WithVirtualGlobals = (run: () => Promise<Run>) => Promise<Run>;

const internal = (path: string): Promise<unknown> =>
  import(new URL(`../../packages/sim/dist/${path}`, import.meta.url).href);
const { runOnce } = (await internal('run/run-once.js')) as { runOnce: RunOnce };
const { withVirtualGlobals } = (await internal('virtual/virtual-globals.js')) as {
  withVirtualGlobals: WithVirtualGlobals;
};

/** Sends what each client says to all others. */
async function broadcast(backend: Backend): Promise<void> {
  const listener = await backend.TcpListener.bind(ADDRESS);
  const poll = new backend.Poll();
  poll.registry.register(listener, Token(0), READABLE);
  const clients = new Map<number, { stream: TcpStream; unsent: Uint8Array[] }>();
  const events = new Events(64);
  const buffer = new Uint8Array(4096);
  for (let next = 1; ; ) {
    await poll.poll(events);
    for (const { token } of events) {
      if (token === 0) {
        for (let it = listener.accept(); it !== WouldBlock; it = listener.accept()) {
          poll.registry.register(it, Token(next), READABLE | WRITABLE);
          clients.set(next++, { stream: it, unsent: [] });
        }
        continue;
      }
      const from = clients.get(token)?.stream;
      for (
        let n = from?.read(buffer);
        n !== undefined && n !== WouldBlock;
        n = from?.read(buffer)
      ) {
        if (n === 0) break;
        const heard = buffer.slice(0, n);
        for (const to of clients.values()) if (to.stream !== from) to.unsent.push(heard);
      }
    }
    for (const { stream, unsent } of clients.values()) {
      for (let bytes = unsent.shift(); bytes !== undefined; bytes = unsent.shift()) {
        const sent = stream.write(bytes);
        if (sent === bytes.length) continue;
        unsent.unshift(sent === WouldBlock ? bytes : bytes.subarray(sent));
        if (sent === WouldBlock) break;
      }
    }
  }
}

/** Says its lines, and ends when it has heard those of the others. */
async function client(backend: Backend, index: number, correct: boolean): Promise<void> {
  const poll = new backend.Poll();
  const stream = backend.TcpStream.connect(ADDRESS);
  poll.registry.register(stream, Token(0), READABLE | WRITABLE);
  const events = new Events(8);
  while (stream.finishConnect() === WouldBlock) await poll.poll(events);
  // Until the others are there too.
  await new Promise((resolve) => setTimeout(resolve, 5000));
  const lines = Array.from({ length: LINES }, (_, i) => `client ${index} line ${i % 10}\n`);
  const wanted = (CLIENTS - 1) * lines.join('').length;
  const buffer = new Uint8Array(4096);
  let said = Buffer.alloc(0);
  let heard = 0;
  while (heard < wanted || said.length > 0 || lines.length > 0) {
    if (said.length === 0) said = Buffer.from(lines.shift() ?? '');
    while (said.length > 0) {
      const sent = stream.write(said);
      if (sent === WouldBlock) break;
      // What is wrong here forgets the rest of a short write.
      said = said.subarray(correct ? sent : said.length);
    }
    for (let n = stream.read(buffer); n !== WouldBlock; n = stream.read(buffer)) {
      if (n === 0) return;
      heard += n;
    }
    if (heard < wanted) await poll.poll(events, lines.length > 0 ? 10 : undefined);
  }
}

const chat = (correct: boolean) => async (sim: Sim) => {
  let done = 0;
  sim.host('web', { ip: '10.0.0.1' }, ({ backend }) => broadcast(backend));
  sim.hosts('c', CLIENTS, async ({ backend, index }) => {
    await client(backend, index, correct);
    done++;
  });
  await sim.run('6s');
  sim.heal();
  await sim.eventually('everybody has heard everything', () => done === CLIENTS, '30s');
};

/** Ten megabytes from one host to another: mostly events of the network. */
async function transfer(sim: Sim): Promise<void> {
  const size = 10_000_000;
  sim.host('web', { ip: '10.0.0.1' }, async ({ backend }) => {
    const listener = await backend.TcpListener.bind(ADDRESS);
    const poll = new backend.Poll();
    const events = new Events(8);
    poll.registry.register(listener, Token(0), READABLE);
    let stream = listener.accept();
    for (; stream === WouldBlock; stream = listener.accept()) await poll.poll(events);
    poll.registry.register(stream, Token(1), READABLE);
    const buffer = new Uint8Array(65_536);
    for (let n = stream.read(buffer); n !== 0; n = stream.read(buffer)) {
      if (n === WouldBlock) await poll.poll(events);
    }
  });
  sim.host('c', async ({ backend }) => {
    const poll = new backend.Poll();
    const events = new Events(8);
    const stream = backend.TcpStream.connect(ADDRESS);
    poll.registry.register(stream, Token(0), READABLE | WRITABLE);
    while (stream.finishConnect() === WouldBlock) await poll.poll(events);
    const bytes = new Uint8Array(16_384);
    for (let left = size; left > 0; ) {
      const n = stream.write(bytes, 0, Math.min(left, bytes.length));
      if (n === WouldBlock) await poll.poll(events);
      else left -= n;
    }
    stream.close();
  });
  await sim.run('60s');
}

const gentle = swarm({ crash: undefined, powerOff: undefined, partition: undefined });

/** Seconds of processor time that `run` takes, and what it answers. */
async function timed<T>(run: () => Promise<T>): Promise<{ seconds: number; result: T }> {
  const before = process.cpuUsage();
  const result = await run();
  const { user, system } = process.cpuUsage(before);
  return { seconds: (user + system) / 1e6, result };
}

async function median(measure: () => Promise<number>): Promise<number> {
  const figures: number[] = [];
  for (let i = 0; i <= ROUNDS; i++) figures.push(await measure());
  // The first one warms up.
  const sorted = figures.slice(1).sort((a, b) => a - b);
  return sorted[sorted.length >> 1] as number;
}

function row(what: string, figure: string, target: string): void {
  console.log(`| ${what} | ${figure} | ${target} |`);
}

const count = (value: number): string => Math.round(value).toLocaleString('en');

console.log('| on one core | measured | target |\n|---|---|---|');
const events = await median(async () => {
  const { seconds, result } = await timed(() => explore({ network: { rate: '1Gbit' } }, transfer));
  return result.events / seconds;
});
row('events a second, a transfer of 10 MB', count(events), '200,000');

const seeds = quick ? 50 : 300;
let first = 1;
const rates: number[] = [];
const each = await median(async () => {
  const { seconds, result } = await timed(() =>
    explore({ seed: first, runs: seeds, until: '60s', faults: gentle }, chat(true)),
  );
  if (result.found !== undefined) throw result.found.failure;
  first += seeds;
  rates.push(result.events / seconds);
  return (60 * result.runs) / seconds;
});
const rate = rates.sort((a, b) => a - b)[rates.length >> 1] as number;
row('events a second, the broadcast below', count(rate), '200,000');
row(`seeds a minute, ${CLIENTS * LINES} lines among ${CLIENTS} clients`, count(each), '3,000');

const { seconds, result } = await timed(() =>
  explore({ runs: 100, until: '60s', faults: gentle }, chat(false)),
);
const runs = result.found?.shrinkRuns;
const choices = `${result.found?.choicesBefore} choices to ${result.found?.choices.length}`;
row(
  `seconds until a failure is found and shrunk (${choices}, ${runs} runs)`,
  seconds.toFixed(1),
  '30',
);

const trace = (traceAll: boolean) => async (): Promise<number> => {
  let total = 0;
  for (let seed = 1; seed <= 20; seed++) {
    const options = { until: '60s', faults: gentle };
    const one = await timed(() =>
      withVirtualGlobals(() => runOnce(options, chat(true), { seed, traceAll })),
    );
    total += one.seconds;
  }
  return total;
};
const without = await median(trace(false));
const traced = await median(trace(true));
row(
  'time with the whole trace kept, compared with the last 20 events',
  (traced / without).toFixed(2),
  '2',
);
