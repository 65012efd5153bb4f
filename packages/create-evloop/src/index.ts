/**
 * The command `npm create evloop`, as a function.
 *
 * @packageDocumentation
 */
export { createProject, templateNames } from './create-project.ts';
export type { Template } from './create-project.ts';
