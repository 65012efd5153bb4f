/**
 * What `@evloop/service` is given on Node: a lookup and the signals of the process.
 *
 * @packageDocumentation
 */
export { connect } from './connect.ts';
export type { ResolverOptions } from './lookup.ts';
export { lookup, resolver } from './lookup.ts';
export { onSignals } from './on-signals.ts';
