import { basename } from 'node:path';
import { getSystemErrorMap } from 'node:util';
import type { SystemError } from '@evloop/core';

/** A failure that its message explains: the program says it in one line and ends with exit code 1. */
export class Failure extends Error {}

/** Runs a program. A {@link Failure} is one plain line on standard error; anything else is a bug, and shows its stack. */
export async function runProgram(main: () => Promise<void>): Promise<void> {
  try {
    await main();
  } catch (error) {
    if (!(error instanceof Failure)) throw error;
    console.error(`${programName()}: ${error.message}`);
    process.exit(1);
  }
}

/** What the program is called: `tcp_server`. */
export function programName(): string {
  return basename(process.argv[1] ?? 'example').replace(/\.[jt]s$/, '');
}

/** Whether the operating system reported `error`. */
export function isSystemError(error: unknown): error is SystemError {
  return typeof (error as Partial<SystemError> | null)?.syscall === 'string';
}

/** What went wrong, in words: `address already in use (EADDRINUSE)`. */
export function reason(error: unknown): string {
  if (!isSystemError(error)) return error instanceof Error ? error.message : String(error);
  return `${getSystemErrorMap().get(error.errno)?.[1] ?? error.message} (${error.code})`;
}
