import type { Host } from '../host/host.ts';
import { Failure } from '../run/failure.ts';
import type { Simulation } from '../run/simulation.ts';

/** A source, as a report sees it. */
interface ReportedSource {
  readonly label: string;
  readonly unread: number;
  readonly endUnread: boolean;
  readonly readiness: { readonly registry: object | undefined; readonly interest: number };
}

/**
 * Looks for a program that waits for ever although something is there for it: bytes, an end, or a
 * connection that was reported once and never taken.
 */
export function findDeadlock(simulation: Simulation): Failure | undefined {
  const stuck = simulation.network.hosts.filter((host) => {
    const { process } = host;
    if (process?.alive !== true || process.done || process.waiting.size === 0) return false;
    return sourcesOf(host).some(isForgotten);
  });
  if (stuck.length === 0) return undefined;
  const names = stuck.map(({ name }) => name).join(', ');
  return new Failure(
    'deadlock',
    `deadlock: nothing is left to happen, and ${names} waits${describeWaits(simulation)}`,
  );
}

/** What each host waits for, in lines. */
export function describeWaits(simulation: Simulation): string {
  const lines: string[] = [];
  for (const host of simulation.network.hosts) {
    const { process } = host;
    if (process?.alive !== true || process.done) continue;
    lines.push(`  ${host.name} waits in ${process.waiting.size} poll(s):`);
    for (const source of sourcesOf(host)) {
      const { label, unread, endUnread, readiness } = source;
      const what = unread === 0 ? 'nothing unread' : `${unread} unread`;
      const end = endUnread ? ', the end unread' : '';
      const where = readiness.registry === undefined ? ', not registered' : '';
      const why = isForgotten(source)
        ? '; READABLE was reported and never cleared: no operation has answered WouldBlock since'
        : '';
      lines.push(`    ${label}: ${what}${end}${where}${why}`);
    }
  }
  return lines.length === 0 ? '' : `\n${lines.join('\n')}`;
}

function isForgotten({ unread, endUnread, readiness }: ReportedSource): boolean {
  return (
    readiness.registry !== undefined && (readiness.interest & 1) !== 0 && (unread > 0 || endUnread)
  );
}

function sourcesOf(host: Host): ReportedSource[] {
  const open = [...(host.process?.open ?? [])];
  return open.filter((thing) => 'unread' in thing) as unknown as ReportedSource[];
}
