#!/usr/bin/env node
/**
 * The command `evloop`. Its only subcommand is `doctor`.
 *
 * Exit codes: 0; 1 when `import 'evloop'` would fail; 2 for an invalid command line.
 */
import { parseArgs } from 'node:util';
import { diagnose, ownVersion } from './diagnosis.ts';
import { formatDiagnosis } from './diagnosis-text.ts';

const USAGE = `Usage: evloop doctor [--json]

Says what each backend can do on this machine, why one is missing, and which limits of the system matter.

  --json     as one JSON object
  --version  the version of evloop
  --help     this text
`;

function run(args: string[]): number {
  const { values, positionals } = parseArgs({
    args,
    allowPositionals: true,
    options: {
      json: { type: 'boolean' },
      version: { type: 'boolean', short: 'v' },
      help: { type: 'boolean', short: 'h' },
    },
  });
  if (values.help) {
    process.stdout.write(USAGE);
    return 0;
  }
  if (values.version) {
    process.stdout.write(`${ownVersion()}\n`);
    return 0;
  }
  if (positionals.length !== 1 || positionals[0] !== 'doctor') {
    process.stderr.write(USAGE);
    return 2;
  }
  const diagnosis = diagnose();
  process.stdout.write(
    values.json ? `${JSON.stringify(diagnosis, null, 2)}\n` : formatDiagnosis(diagnosis),
  );
  return diagnosis.chosen === undefined ? 1 : 0;
}

try {
  process.exitCode = run(process.argv.slice(2));
} catch (error) {
  process.stderr.write(`evloop: ${error instanceof Error ? error.message : error}\n`);
  process.exitCode = 2;
}
