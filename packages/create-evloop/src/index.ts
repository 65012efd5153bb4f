/**
 * What `npm create evloop` does, as a function.
 *
 * @packageDocumentation
 */
export { createProject } from './create-project.ts';
export type { Transport } from './create-project.ts';
