import { spawnSync } from 'node:child_process';
import programs from '../programs.json' with { type: 'json' };
import { findProgram } from './find-program.mjs';
import { onlyIf, type SkipOptions } from './only-if.ts';

/**
 * A program that tests may drive and that the README does not ask for: a key of `programs.json`.
 */
export type ProgramName = keyof typeof programs;

type Finding = 'works' | 'missing' | 'fails';
const findings = new Map<ProgramName, Finding>();

/**
 * Returns the options of a test or of a `describe` that drives foreign programs: they skip it where
 * one of the programs is missing or does not work, and the last lines of the test run say which.
 * Such a test stands in a file `*.foreign.test.ts`.
 *
 *     test('answers socat', needs('socat'), async () => { … });
 */
export function needs(...names: ProgramName[]): SkipOptions {
  const sorted = [...new Set(names)].sort();
  const missing = sorted.filter((name) => find(name) === 'missing');
  const failing = sorted.filter((name) => find(name) === 'fails');
  const reasons = failing.map((name) => `${commandLine(name)} fails here`);
  if (missing.length > 0) {
    const packages = new Set(missing.map((name) => entry(name).package));
    reasons.unshift(`no ${missing.join(', no ')} (apt-get install ${[...packages].join(' ')})`);
  }
  return onlyIf(reasons.length === 0, reasons.join('; '));
}

function find(name: ProgramName): Finding {
  const known = findings.get(name);
  if (known !== undefined) return known;
  const path = findProgram(name);
  const { probe } = entry(name);
  let finding: Finding = path === undefined ? 'missing' : 'works';
  if (path !== undefined && probe !== undefined) {
    const { status } = spawnSync(path, probe, { stdio: 'ignore' });
    if (status !== 0) finding = 'fails';
  }
  findings.set(name, finding);
  return finding;
}

const entry = (name: ProgramName): { readonly package: string; readonly probe?: string[] } =>
  programs[name];

const commandLine = (name: ProgramName): string => [name, ...(entry(name).probe ?? [])].join(' ');
