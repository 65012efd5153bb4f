#!/usr/bin/env node
/** The command `create-evloop`, which `npm create evloop` runs. Exit codes: 0; 1 when nothing was made; 2 for an invalid command line. */
import { parseArgs } from 'node:util';
import { createProject } from './create-project.ts';
import { shellQuote } from './shell-quote.ts';

const USAGE = `Usage: npm create evloop <folder> [-- --udp]

Makes a project with a server on evloop, in TypeScript.

  --udp    a server for datagrams; it is a TCP server otherwise
  --help   this text
`;

function run(args: string[]): number {
  const { values, positionals } = parseArgs({
    args,
    allowPositionals: true,
    options: { udp: { type: 'boolean' }, help: { type: 'boolean', short: 'h' } },
  });
  if (values.help) {
    process.stdout.write(USAGE);
    return 0;
  }
  const [folder, ...rest] = positionals;
  if (folder === undefined || folder === '' || rest.length > 0) {
    process.stderr.write(USAGE);
    return 2;
  }
  try {
    createProject(folder, values.udp ? 'udp' : 'tcp');
  } catch (error) {
    process.stderr.write(`create-evloop: ${error instanceof Error ? error.message : error}\n`);
    return 1;
  }
  process.stdout.write(
    `Made ${folder}. Now:\n\n  cd ${shellQuote(folder)}\n  npm install\n  npm start\n`,
  );
  return 0;
}

try {
  process.exitCode = run(process.argv.slice(2));
} catch (error) {
  process.stderr.write(`create-evloop: ${error instanceof Error ? error.message : error}\n`);
  process.exitCode = 2;
}
