#!/usr/bin/env node
import { type CommandLine, readArguments, USAGE } from './arguments.ts';
import { diffCommand, replayCommand, shrinkCommand, viewCommand } from './replay-commands.ts';
import { jobCommand, runCommand } from './run-command.ts';

const COMMANDS: Readonly<Record<string, (line: CommandLine) => Promise<number>>> = {
  run: runCommand,
  job: jobCommand,
  replay: replayCommand,
  shrink: shrinkCommand,
  diff: diffCommand,
  view: viewCommand,
  async help() {
    process.stdout.write(USAGE);
    return 0;
  },
};

try {
  const line = readArguments(process.argv.slice(2));
  const command = Object.hasOwn(COMMANDS, line.command) ? COMMANDS[line.command] : undefined;
  if (command === undefined) throw new Error(`unknown command: ${line.command}\n\n${USAGE}`);
  process.exitCode = await command(line);
} catch (error) {
  process.stderr.write(`evloop-sim: ${error instanceof Error ? error.message : String(error)}\n`);
  process.exitCode = 2;
}
process.disconnect?.();
