/**
 * The contract of evloop as tests. `conformance` below calls its chapters, in the best order for
 * reading.
 *
 * @packageDocumentation
 */
import { accept } from './chapters/accept.ts';
import { badInput } from './chapters/bad-input.ts';
import { capacity } from './chapters/capacity.ts';
import { closeAndErrors } from './chapters/close-and-errors.ts';
import { connect } from './chapters/connect.ts';
import { customSources } from './chapters/custom-sources.ts';
import { dataIntegrity } from './chapters/data-integrity.ts';
import { datagram } from './chapters/datagram.ts';
import { datagramBatch } from './chapters/datagram-batch.ts';
import { datagramControl } from './chapters/datagram-control.ts';
import { datagramErrors } from './chapters/datagram-errors.ts';
import { datagramConnect } from './chapters/datagram-connect.ts';
import { datagramEdges } from './chapters/datagram-edges.ts';
import { datagramOptions } from './chapters/datagram-options.ts';
import { edges } from './chapters/edges.ts';
import { fullTable } from './chapters/full-table.ts';
import { halfClose } from './chapters/half-close.ts';
import { inheritedDescriptors } from './chapters/inherited-descriptors.ts';
import { lifetime } from './chapters/lifetime.ts';
import { lingeringClose } from './chapters/lingering-close.ts';
import { modes } from './chapters/modes.ts';
import { nestedPolls } from './chapters/nested-polls.ts';
import { peekAndVectors } from './chapters/peek-and-vectors.ts';
import { pendingPolls } from './chapters/pending-polls.ts';
import { read } from './chapters/read.ts';
import { registration } from './chapters/registration.ts';
import { socketOptions, udpSocketOptions } from './chapters/socket-options.ts';
import { staleEvents } from './chapters/stale-events.ts';
import { statistics } from './chapters/statistics.ts';
import { timeouts } from './chapters/timeouts.ts';
import { tokensInterestEvents } from './chapters/tokens-interest-events.ts';
import { unixAddresses } from './chapters/unix-addresses.ts';
import { unixPeers } from './chapters/unix-peers.ts';
import { unixStreams } from './chapters/unix-streams.ts';
import { userSpace } from './chapters/user-space.ts';
import { waker } from './chapters/waker.ts';
import { wakerHandles } from './chapters/waker-handles.ts';
import { write } from './chapters/write.ts';
import { overTcp, overUnix } from './streams.ts';
import { type Chapter, Suite } from './suite.ts';
import type { ConformanceOptions } from './suite-options.ts';

export type { ConformanceOptions, SuiteClock, TestFunction, Timing } from './suite-options.ts';
export type { DescriptorLimit, FullTable } from './descriptor-table.ts';
export { modelTests, replay } from './model/model-tests.ts';
export type { FastCheck, ModelOptions } from './model/model-tests.ts';
export type { World } from './model/world.ts';

/**
 * Adds the whole contract to a test runner, as tests of one backend, or of a pair.
 *
 * ```ts
 * import { conformance } from '@evloop/conformance';
 * import { test } from 'vitest';
 * import * as backend from '../src/index.ts';
 *
 * conformance({ test, backend });
 * ```
 */
export function conformance(options: ConformanceOptions): void {
  const suite = new Suite(options);
  suite.add('tokens, interest, events', tokensInterestEvents);
  suite.add('registration', registration);
  suite.add('custom sources', customSources);
  suite.add('accept', accept);
  suite.add('full descriptor table', fullTable);
  suite.add('connect', connect);
  suite.add('read', overTcp(read));
  suite.add('write', overTcp(write));
  suite.add('peek and vectors', overTcp(peekAndVectors));
  suite.add('edges', overTcp(edges));
  suite.add('half-close', overTcp(halfClose));
  suite.add('close and errors', closeAndErrors);
  suite.add('lingering close', overTcp(lingeringClose));
  suite.add('stale events', staleEvents);
  suite.add('lifetime', lifetime);
  suite.add('timeouts', timeouts);
  suite.add('capacity', capacity);
  suite.add('waker', waker);
  suite.add('waker handles', wakerHandles);
  suite.add('user-space readiness', userSpace);
  suite.add('pending polls', pendingPolls);
  suite.add('registration modes', modes);
  suite.add('nested polls', nestedPolls);
  suite.add('socket options', socketOptions);
  suite.add('statistics', statistics);
  suite.add('data integrity', overTcp(dataIntegrity));
  suite.add('bad input', badInput);
  suite.add('inherited descriptors', inheritedDescriptors);
  addUnixStreams(suite);
  addDatagrams(suite);
}

/** Adds the chapters for Unix streams alone, and those that hold for every stream. */
function addUnixStreams(suite: Suite): void {
  const both = suite.server.supports.unixStreams && suite.client.supports.unixStreams;
  const add = (name: string, chapter: Chapter): void =>
    suite.addIf(both, 'unixStreams', name, chapter);
  add('Unix addresses', unixAddresses);
  add('Unix streams', unixStreams);
  add('Unix peers', unixPeers);
  add('Unix read', overUnix(read));
  add('Unix write', overUnix(write));
  add('Unix peek and vectors', overUnix(peekAndVectors));
  add('Unix edges', overUnix(edges));
  add('Unix half-close', overUnix(halfClose));
  add('Unix lingering close', overUnix(lingeringClose));
  add('Unix data integrity', overUnix(dataIntegrity));
}

/**
 * Adds only the chapters about UDP sockets, for packages that provide nothing else. They need
 * `Poll` and `UdpSocket`.
 */
export function datagramConformance(options: ConformanceOptions): void {
  addDatagrams(new Suite(options));
}

function addDatagrams(suite: Suite): void {
  suite.add('datagrams', datagram);
  suite.add('datagram edges', datagramEdges);
  suite.add('datagram peers', datagramConnect);
  suite.add('datagram batches', datagramBatch);
  suite.add('datagram control', datagramControl);
  suite.add('datagram errors', datagramErrors);
  suite.add('datagram options', datagramOptions);
  suite.add('datagram options by name', udpSocketOptions);
}
