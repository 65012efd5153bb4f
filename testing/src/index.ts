export { findProgram } from './find-program.mjs';
export { needs, type ProgramName } from './needs.ts';
