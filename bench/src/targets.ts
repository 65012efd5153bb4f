import type { CaseResult, Result, Sample } from './result.ts';
import { ratios, type Summary, summarize } from './statistics.ts';

/** What a contestant's cost shall be at the most, in units of another one's in the same rounds. */
interface Target {
  readonly case: string;
  readonly contestant: string;
  /** Another contestant, or `alone`: itself without the idle connections. */
  readonly of: string;
  readonly most: number;
  /** Processor time per message where it is not said. */
  readonly figure?: 'p50';
}

/** A target and what was measured. */
export interface Verdict {
  readonly title: string;
  readonly contestant: string;
  readonly of: string;
  readonly most: number;
  /** The ratio: its median and the middle half of the rounds. */
  readonly measured: Summary;
  readonly met: boolean;
}

/** The backends that wait in the kernel, in both ways. */
const WAITS = ['epoll-sync', 'epoll'] as const;
const CORKED = ['epoll-sync-cork', 'epoll-cork'] as const;

const TARGETS: readonly Target[] = [
  ...targets('tcp-64x50', 'epoll-sync-cork', { mio: 0.94, bun: 0.85 }),
  ...targets('tcp-64x50', 'epoll-cork', { mio: 0.97, bun: 0.85 }),
  ...targets('tcp-64x50', 'epoll-sync', { mio: 1.03, node: 0.5, bun: 0.95 }),
  ...targets('tcp-64x50', 'epoll', { mio: 1.06, node: 0.55, bun: 0.95 }),
  ...targets('udp-20x4', 'epoll-sync-cork', { mio: 0.95 }),
  ...targets('udp-20x4', 'epoll-cork', { mio: 0.97 }),
  ...CORKED.flatMap((id) => [
    ...targets('tcp-64x1000', id, { mio: 0.96 }),
    ...targets('tcp-16kx50', id, { mio: 1 }),
    ...targets('broadcast', id, { mio: 0.9 }),
    ...['tcp-64x2', 'tcp-64x10'].flatMap((each) =>
      targets(each, id, { [id.replace('-cork', '')]: 1 }),
    ),
  ]),
  ...targets('tcp-64x1', 'epoll-sync', { mio: 1.09 }),
  { case: 'tcp-64x1', contestant: 'epoll-sync', of: 'mio', most: 1.1, figure: 'p50' },
  ...targets('tcp-64x1', 'epoll', { mio: 1.3, node: 0.85 }),
  ...targets('connect', 'epoll-sync', { mio: 1.12 }),
  ...targets('connect', 'epoll', { mio: 1.2 }),
  ...WAITS.flatMap((id) => [
    ...targets('tcp-16kx50', id, { mio: 1.05, node: 0.42, bun: 0.7 }),
    ...targets('connect', id, { node: 0.45, bun: 1.05 }),
    ...targets('idle', id, { alone: 1.05 }),
    ...targets('udp-64x50', id, { mio: 1.1, node: 0.35 }),
    ...targets('udp-64x50', `${id}-batch`, { mio: 0.9 }),
    ...targets('udp-receive', `${id}-batch`, { node: 0.5 }),
    ...targets('udp-send', `${id}-batch`, { [id]: 0.3, node: 0.15 }),
  ]),
  ...['', '-sync'].flatMap((way) => [
    ...targets('udp-relay', `udp-relay-batch${way}`, { [`udp-relay${way}`]: 0.35 }),
    ...targets('udp-options', `udp-options${way}`, { [`udp-plain${way}`]: 1.15 }),
  ]),
  ...targets('udp-options', 'udp-options-batch', { 'udp-plain-batch': 1.15 }),
  ...['relay-epoll-sync', 'relay-epoll'].flatMap((id) => [
    ...targets('relay-64x50', id, { 'relay-node': 0.75 }),
    ...targets('relay-64kx50', id, { 'relay-node': 0.3 }),
  ]),
  ...['tcp-64x50', 'tcp-64x1', 'tcp-64x1000', 'tcp-16kx1', 'tcp-16kx50', 'tcp-16kx1000'].flatMap(
    (each) => targets(each, 'net', { node: 1.15 }),
  ),
  ...targets('connect', 'net', { node: 1.2 }),
  ...['idle', 'broadcast'].flatMap((each) => targets(each, 'net', { node: 1.15 })),
  ...['udp-64x50', 'udp-window', 'udp-receive'].flatMap((each) =>
    targets(each, 'net', { node: 1.25 }),
  ),
];

function targets(id: string, contestant: string, most: Record<string, number>): Target[] {
  return Object.entries(most).map(([of, limit]) => ({ case: id, contestant, of, most: limit }));
}

/**
 * The targets that the result says something about, in the order of its cases. A quick run says
 * nothing about them: three short rounds tell what is twice as fast, and most targets are closer.
 */
export function judge(result: Result): Verdict[] {
  if (result.mode === 'quick') return [];
  const verdicts = result.cases.flatMap((one) =>
    TARGETS.filter((target) => target.case === one.id).map((target) => judgeCase(target, one)),
  );
  return [...verdicts, judgeMany(result)].filter((verdict) => verdict !== undefined);
}

function judgeCase(target: Target, { title, rows }: CaseResult): Verdict | undefined {
  const { contestant, of, most, figure = 'cpuUs' } = target;
  const samples = (id: string) => rows.find((row) => row.contestant === id)?.samples ?? [];
  const pick = (sample: Sample | undefined) => sample?.[figure];
  const own = samples(contestant);
  const base =
    of === 'alone'
      ? own.map((sample) => sample?.aloneCpuUs)
      : samples(of).map((each) => pick(each));
  const measured = summarize(ratios(own.map(pick), base));
  if (Number.isNaN(measured.median)) return undefined;
  const what = figure === 'p50' ? `${title}: median latency` : title;
  return { title: what, contestant, of, most, measured, met: within(measured, most) };
}

/** That many are registered must not make an event dearer. */
function judgeMany({ micro }: Result): Verdict | undefined {
  const cost = (id: string) => micro.find((one) => one.id === id && one.backend === 'epoll');
  const few = cost('poll-64-of-64');
  const many = cost('poll-64-of-10000');
  if (few === undefined || many === undefined) return undefined;
  const measured = { median: many.median / few.median, lower: Number.NaN, upper: Number.NaN };
  const of = '64 of 64';
  const most = 1.05;
  return {
    title: many.title,
    contestant: 'epoll',
    of,
    most,
    measured,
    met: within(measured, most),
  };
}

/** As they are printed: with two digits. */
function within({ median }: Summary, most: number): boolean {
  return Math.round(median * 100) <= Math.round(most * 100);
}
