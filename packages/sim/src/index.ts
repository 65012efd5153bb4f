/**
 * A simulated network in virtual time, as a backend.
 *
 * @packageDocumentation
 */
export { simulate } from './run/simulate.ts';
export type { Report, SimulationBody } from './run/simulate.ts';
export type { SimulateOptions } from './run/options.ts';
export { Sim } from './run/sim.ts';

export {
  Poll,
  TcpListener,
  TcpStream,
  UdpSocket,
  UnixListener,
  UnixStream,
} from './backend/ambient.ts';
export { SimRemoteWaker as RemoteWaker } from './backend/backend.ts';
export { supports } from './backend/supports.ts';

/** See `Backend.name`. */
export const name = 'sim';

export * from '@evloop/core';
