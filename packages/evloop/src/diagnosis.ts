import { readFileSync } from 'node:fs';
import { arch, platform, release, version } from 'node:os';
import { type BackendReport, reportBackends } from './backend-report.ts';
import { chooseBackend } from './choose-backend.ts';
import { ioUringLimit } from './io-uring-limit.ts';
import { type Limit, linuxLimits, openFileLimits } from './limit.ts';

/** The findings of `evloop doctor`. `--json` prints this object. */
export interface Diagnosis {
  readonly system: {
    readonly platform: string;
    readonly arch: string;
    readonly kernel: string;
    readonly runtime: string;
    readonly evloop: string;
    /** The consequences of a Node that is too old; `undefined` for a newer one. */
    readonly tooOld: string | undefined;
  };
  /** The variable `EVLOOP_BACKEND`; `undefined` if it is not set. */
  readonly forced: string | undefined;
  /** The backend of `import 'evloop'`; `undefined` if the import throws. */
  readonly chosen: string | undefined;
  /** Why the import throws. */
  readonly failure: string | undefined;
  readonly backends: readonly BackendReport[];
  readonly limits: readonly Limit[];
}

/** Examines this process and this machine. */
export function diagnose(): Diagnosis {
  const forced = process.env['EVLOOP_BACKEND'] || undefined;
  let chosen: string | undefined;
  let failure: string | undefined;
  try {
    chosen = chooseBackend(forced).backend.name;
  } catch (error) {
    failure = error instanceof Error ? error.message : String(error);
  }
  return {
    system: {
      platform: platform(),
      arch: arch(),
      kernel: `${release()} (${version()})`,
      runtime: runtime(),
      evloop: ownVersion(),
      tooOld: tooOld(process.versions.node),
    },
    forced,
    chosen,
    failure,
    backends: reportBackends(),
    limits:
      platform() === 'linux' ? [...linuxLimits(readProc), ...ioUringLimit()] : reportedLimits(),
  };
}

function runtime(): string {
  const { bun, deno, node, napi, uv } = process.versions;
  if (bun) return `Bun ${bun}`;
  if (deno) return `Deno ${deno}`;
  return `Node ${node} (Node-API ${napi}, libuv ${uv})`;
}

/** @param node a version, as `process.versions.node`. */
export function tooOld(node: string): string | undefined {
  const [major = 0, minor = 0] = node.split('.').map(Number);
  if (major > 20 || (major === 20 && minor >= 19)) return undefined;
  return `Node ${node} is not supported: evloop needs 20.19 or later. require('evloop') fails here.`;
}

/** Returns the version of this package. */
export function ownVersion(): string {
  const manifest: unknown = JSON.parse(
    readFileSync(new URL('../package.json', import.meta.url), 'utf8'),
  );
  return String((manifest as { version: unknown }).version);
}

function readProc(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return undefined;
  }
}

// Without /proc, Node's diagnostic report has the limits. Windows has none.
function reportedLimits(): Limit[] {
  const report: unknown = process.report?.getReport();
  const limits = (report as { userLimits?: Record<string, unknown> } | undefined)?.userLimits;
  const files = limits?.['open_files'] as { soft: unknown; hard: unknown } | undefined;
  return files ? openFileLimits(String(files.soft), String(files.hard)) : [];
}
