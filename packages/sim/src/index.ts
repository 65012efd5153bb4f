/**
 * A simulated network in virtual time, as a backend.
 *
 * @packageDocumentation
 */
export { explore, simulate } from './run/simulate.ts';
export { Sim } from './run/sim.ts';
export type { Direction, HostName, PartitionKind } from './run/sim.ts';
export { swarm } from './faults/fault-plan.ts';
export type { FaultPlan } from './faults/fault-plan.ts';
export type { SimulateOptions } from './run/options.ts';
export type { SimulationBody } from './run/run-once.ts';
export { formatReport, SimulationError } from './run/report.ts';
export type { FoundFailure, Report } from './run/report.ts';
export type { Host, HostContext, HostOptions, Program } from './host/host.ts';
export { script } from './host/script.ts';
export type { ScriptOptions } from './host/script.ts';
export type { LinkOptions } from './network/link-options.ts';
export type { Rule, Verdict } from './network/network.ts';
export type { Packet } from './network/packet.ts';

export {
  Poll,
  TcpListener,
  TcpStream,
  UdpSocket,
  UnixListener,
  UnixStream,
} from './backend/ambient.ts';
export { SimRemoteWaker as RemoteWaker } from './backend/backend.ts';
export type { Like } from './backend/like.ts';
export { supports } from './backend/supports.ts';

/** See `Backend.name`. */
export const name = 'sim';

export * from '@evloop/core';
