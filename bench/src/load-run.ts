import { loadGenerator } from './native-programs.ts';
import type { Sample } from './result.ts';
import { runToEnd } from './run-to-end.ts';
import type { ServerProcess } from './server-process.ts';

/** How long the load generator may take beyond its own times. */
const PATIENCE_MS = 60_000;

/** What the load generator prints. */
interface Printed {
  readonly messages: number;
  readonly sent: number;
  readonly lost: number;
  readonly seconds: number;
  readonly serverCpuUs: number;
  readonly loadCpuUs: number;
  readonly latencyUs: { p50: number; p90: number; p99: number; p999: number };
}

/** The times of one run of the load generator. */
export interface Duration {
  readonly warmup: number;
  readonly seconds: number;
  /** Ends the window after so many messages. */
  readonly limit?: number;
}

/** Puts `server` under load once. Rejects when an echo was wrong or did not come. */
export async function runLoad(
  server: ServerProcess,
  load: readonly string[],
  { warmup, seconds, limit = 0 }: Duration,
): Promise<Sample> {
  const program = loadGenerator();
  if ('lacks' in program) throw new Error(`the load generator was not built: ${program.lacks}`);
  const numbers = { port: server.port, pid: server.pid, warmup, seconds, limit };
  const args = Object.entries(numbers).flatMap(([name, value]) => [`--${name}`, String(value)]);
  const patienceMs = PATIENCE_MS + (warmup + seconds) * 1000;
  const ended = await runToEnd(program.path, [...load, ...args], patienceMs);
  const { code, out, errors } = ended;
  if (code !== 0) throw new Error(errors.trim() || `the load generator ended with ${code}`);
  return toSample(JSON.parse(out) as Printed);
}

function toSample(printed: Printed): Sample {
  const { messages, seconds, latencyUs, lost } = printed;
  const latencies = latencyUs.p50 > 0 ? latencyUs : {};
  return {
    messages,
    seconds,
    cpuUs: printed.serverCpuUs / messages,
    perSecond: messages / seconds,
    ...latencies,
    loadCpuUs: printed.loadCpuUs / messages,
    serverBusy: printed.serverCpuUs / 1e6 / seconds,
    loadBusy: printed.loadCpuUs / 1e6 / seconds,
    lost: lost / Math.max(1, printed.sent || messages + lost),
  };
}
