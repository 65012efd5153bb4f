/**
 * A server or client as a program: the options that all of them share, failures in one line, and a
 * clean end.
 *
 * @packageDocumentation
 */

export type { OwnOption, OwnOptions, OwnValues, Usage } from './command-line.ts';
export { programName } from './command-line.ts';
export { Failure, reason } from './failure.ts';
export type { Definition } from './program.ts';
export { Program, program } from './program.ts';
export { targetOf } from './target-of.ts';
