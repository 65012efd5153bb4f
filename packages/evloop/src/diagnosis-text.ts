import { ABILITIES, type BackendReport } from './backend-report.ts';
import type { Diagnosis } from './diagnosis.ts';
import type { Limit } from './limit.ts';

/** Returns the diagnosis as plain text, without colours. */
export function formatDiagnosis({ system, forced, chosen, failure, ...found }: Diagnosis): string {
  const { platform, arch, kernel, runtime, evloop } = system;
  const why = forced ? `EVLOOP_BACKEND=${forced}` : 'the best one that loads';
  const blocks = [
    `evloop ${evloop} on ${platform} ${arch}\n${runtime}\nkernel ${kernel}`,
    ...(system.tooOld ? [system.tooOld] : []),
    chosen
      ? `import … from 'evloop' gives the backend ${chosen} (${why}).`
      : `import … from 'evloop' fails: ${failure}`,
    abilities(found.backends),
    ...found.backends.filter(({ missing }) => missing).map(absence),
    limits(found.limits),
  ];
  return `${blocks.join('\n\n')}\n`;
}

function abilities(backends: readonly BackendReport[]): string {
  const keys = new Set(backends.flatMap(({ supports }) => Object.keys(supports ?? {})));
  const notes = new Map<string, number>();
  const noted = (cell: string, why: string | undefined) => {
    if (why === undefined) return cell;
    if (!notes.has(why)) notes.set(why, notes.size + 1);
    return `${cell} (${notes.get(why)})`;
  };
  const rows = [...keys].map((key) => [
    (ABILITIES as Record<string, string | undefined>)[key] ?? key,
    ...backends.map(({ supports, whyNot }) => {
      if (supports === undefined) return 'missing';
      const can = (supports as unknown as Record<string, boolean | readonly string[]>)[key];
      if (Array.isArray(can)) return noted(String(can.length), whyNot[key]);
      return noted(can ? 'yes' : 'no', whyNot[key]);
    }),
  ]);
  const head = ['what it can do here', ...backends.map(({ name }) => name)];
  const reasons = [...notes].map(([why, number]) => `  (${number}) ${why}`);
  return [table([head, ...rows]), ...reasons].join('\n');
}

function absence({ name, missing, advice }: BackendReport): string {
  return `${name} is missing: ${missing}.\n  → ${advice}`;
}

function limits(all: readonly Limit[]): string {
  if (all.length === 0) return 'This system has no limits that can be read.';
  const rows = all.map(({ name, value, bounds }) => [name, value ?? 'unknown', bounds]);
  const advice = all.flatMap(({ name, advice }) => (advice ? [`  → ${name}: ${advice}`] : []));
  const verdict = advice.length
    ? `For a busy server, change:\n${advice.join('\n')}`
    : 'Nothing to change for a busy server.';
  return `${table([['limit', 'value', 'bounds'], ...rows])}\n\n${verdict}`;
}

function table(rows: readonly (readonly string[])[]): string {
  const widths = rows[0]?.map((_, i) => Math.max(...rows.map((row) => row[i]?.length ?? 0))) ?? [];
  const line = (row: readonly string[]) =>
    row
      .map((cell, i) => cell.padEnd(widths[i] ?? 0))
      .join('  ')
      .trimEnd();
  const [head = [], ...body] = rows;
  return [line(head), widths.map((width) => '-'.repeat(width)).join('  '), ...body.map(line)].join(
    '\n',
  );
}
