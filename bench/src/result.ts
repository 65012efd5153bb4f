/**
 * What one contestant did in one round. Times are microseconds; `Us` figures are of the server
 * unless they say load.
 */
export interface Sample {
  readonly messages: number;
  readonly seconds: number;
  /** Processor time of the server, user and system, all threads, per message. */
  readonly cpuUs: number;
  readonly perSecond: number;
  /** Latencies; absent where nothing comes back. */
  readonly p50?: number | undefined;
  readonly p90?: number | undefined;
  readonly p99?: number | undefined;
  readonly p999?: number | undefined;
  /** Processor time of the load generator per message. */
  readonly loadCpuUs: number;
  /** The share of the window in which they were busy: 1 is one core. */
  readonly serverBusy: number;
  readonly loadBusy: number;
  /** Datagrams that did not arrive, as a share of those sent. */
  readonly lost: number;
  /**
   * `cpuUs` of the same round and server without the idle connections, in the case that has them.
   */
  readonly aloneCpuUs?: number | undefined;
}

/** One contestant in one case. */
export interface Row {
  readonly contestant: string;
  readonly title: string;
  /** By round; absent where the contestant failed. */
  readonly samples: (Sample | undefined)[];
  /** System calls per message, from a pass of its own. */
  syscalls?: number | undefined;
  /** Bytes of memory per idle connection: resident, and on the JavaScript heap. */
  rssEach?: number | undefined;
  heapEach?: number | undefined;
  /** Why it was not measured, or not to the end. */
  failure?: string | undefined;
}

/** One case with all who took part. */
export interface CaseResult {
  readonly id: string;
  readonly title: string;
  /** What a message is here. */
  readonly message: string;
  readonly rows: Row[];
}

/** One operation, in nanoseconds: the median, the best, and the upper quartile. */
export interface MicroResult {
  readonly id: string;
  readonly title: string;
  readonly backend: string;
  readonly median: number;
  readonly lower: number;
  readonly upper: number;
  readonly failure?: string | undefined;
}

/** A contestant or a tool that this machine lacks. */
export interface Missing {
  readonly what: string;
  readonly why: string;
  /** The command that brings it. */
  readonly command: string;
}

/** Where and how it was measured. */
export interface Machine {
  readonly date: string;
  readonly commit: string;
  readonly cores: number;
  readonly cpu: string;
  readonly memoryGiB: number;
  readonly kernel: string;
  /** The load average before the first measurement: on a quiet machine it is near 0. */
  readonly loadAverage: number;
  readonly versions: Record<string, string>;
}

/** The whole run, as `--json` writes and `--compare` reads it. */
export interface Result {
  readonly format: 1;
  readonly machine: Machine;
  readonly mode: 'quick' | 'full';
  readonly rounds: number;
  readonly secondsEach: number;
  readonly missing: Missing[];
  readonly cases: CaseResult[];
  readonly micro: MicroResult[];
}
