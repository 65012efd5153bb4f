export { findProgram } from './find-program.ts';
export { needs, type ProgramName } from './needs.ts';
