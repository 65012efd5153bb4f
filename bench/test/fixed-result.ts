import type { CaseResult, Result, Row, Sample } from '../src/result.ts';

/** A sample in which a message costs `cpuUs`; all else is made up. */
export function sample(cpuUs: number): Sample {
  return {
    messages: 1000,
    seconds: 1,
    cpuUs,
    perSecond: 1000,
    p50: 10,
    p90: 20,
    p99: 30,
    p999: 40,
    loadCpuUs: 1,
    serverBusy: 0.5,
    loadBusy: 0.25,
    lost: 0,
  };
}

/** A row whose rounds cost `costs`. */
export function row(contestant: string, title: string, costs: readonly number[]): Row {
  return { contestant, title, samples: costs.map(sample) };
}

/** A result of one case with these rows. */
export function result(rows: Row[], more: Partial<Result> = {}): Result {
  const one: CaseResult = { id: 'tcp-64x50', title: 'TCP echo', message: 'echo', rows };
  return {
    format: 1,
    machine: {
      date: '2026-01-02T03:04:05.000Z',
      commit: 'abcdef0',
      cores: 2,
      cpu: 'a processor <with brackets>',
      memoryGiB: 4,
      kernel: 'linux 6.0',
      loadAverage: 0.1,
      versions: { node: 'v20.0.0' },
    },
    mode: 'quick',
    rounds: 3,
    secondsEach: 0.2,
    missing: [],
    cases: [one],
    micro: [],
    ...more,
  };
}
