/**
 * What `@evloop/service` is given on Node: signals of the process.
 *
 * @packageDocumentation
 */
export { onSignals } from './on-signals.ts';
