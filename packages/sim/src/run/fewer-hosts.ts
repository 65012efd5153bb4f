import type { SimulateOptions } from './options.ts';
import { type Outcome, type RunRequest, runOnce, type SimulationBody } from './run-once.ts';

/** A run that fails, and how it was asked for. */
export interface FailingRun {
  readonly request: RunRequest;
  readonly outcome: Outcome;
}

/**
 * Looks for a run with fewer hosts, and for its end, that fails in the same way.
 *
 * Fewer hosts count only when the run passes with them and without faults: an expectation that
 * counts the hosts would be broken by their number alone.
 *
 * @param budget how many runs it may take.
 */
export async function withFewerHosts(
  options: SimulateOptions,
  body: SimulationBody,
  { request, outcome }: FailingRun,
  fails: (outcome: Outcome) => boolean,
  budget: number,
): Promise<FailingRun> {
  let best: FailingRun = { request, outcome };
  let runs = 0;
  for (const [name, count] of outcome.groups) {
    for (let fewer = 1; fewer < count && runs < budget; fewer++, runs += 2) {
      const smaller = { ...best.request, hosts: { ...best.request.hosts, [name]: fewer } };
      const failing = await runOnce(options, body, smaller);
      if (!fails(failing)) continue;
      const calm = await runOnce(options, body, { ...smaller, choices: [] });
      if (calm.failure !== undefined) continue;
      best = { request: smaller, outcome: failing };
      break;
    }
  }
  // Nothing behind the failure belongs to it.
  const earlier = { ...best.request, until: best.outcome.endedAt };
  const ended = await runOnce(options, body, earlier);
  return fails(ended) ? { request: earlier, outcome: ended } : best;
}
