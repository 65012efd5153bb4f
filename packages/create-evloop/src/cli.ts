#!/usr/bin/env node
/**
 * The command `create-evloop`, which `npm create evloop` runs. Exit codes: 0; 1 when nothing was
 * made; 2 for an invalid command line.
 */
import { parseArgs } from 'node:util';
import { createProject, templateNames } from './create-project.ts';
import { shellQuote } from './shell-quote.ts';

const USAGE = `Usage: npm create evloop <folder> [-- --template tcp|udp|proxy|broadcast]

Makes a project with a server on evloop, in TypeScript.

  --template   tcp: an echo server (the default); udp: one for datagrams;
               proxy: relays TCP connections; broadcast: sends lines to all other clients
  --udp        the same as --template udp
  --help       this text
`;

function run(args: string[]): number {
  const { values, positionals } = parseArgs({
    args,
    allowPositionals: true,
    options: {
      template: { type: 'string' },
      udp: { type: 'boolean' },
      help: { type: 'boolean', short: 'h' },
    },
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
  const wanted = values.template ?? (values.udp ? 'udp' : 'tcp');
  const template = templateNames.find((name) => name === wanted);
  if (template === undefined) {
    const names = templateNames.join(', ');
    process.stderr.write(`create-evloop: invalid template: '${wanted}' (expected ${names})\n`);
    return 2;
  }
  try {
    createProject(folder, template);
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
