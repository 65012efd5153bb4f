import type { DescriptorSelector } from '../selector.ts';
import type { RemoteWake } from '../wake/remote-wake.ts';
import type { ReadyList } from './ready-list.ts';

/** The key of the queue of user-space readiness. */
export const readyList: unique symbol = Symbol.for('evloop.readyList');

/** The key of where descriptors are registered. */
export const descriptors: unique symbol = Symbol.for('evloop.descriptors');

/** The key of the method by which a source that closes leaves its registry. */
export const forget: unique symbol = Symbol.for('evloop.forget');

/** The key of the method by which a waker listens to other threads. */
export const openRemoteWake: unique symbol = Symbol.for('evloop.openRemoteWake');

/**
 * A {@link Registry}, as its sources see it. A source only passes it on, to the source inside or to
 * its registration.
 *
 * What registrations ask of it stands under symbols, which `@evloop/core/backend` exports.
 */
export interface Registrar {
  /** Whether the poll that it belongs to was closed. */
  readonly closed: boolean;
  /** The queue of user-space readiness. */
  readonly [readyList]: ReadyList;
  /** Where descriptors are registered; `undefined` on a backend that takes none. */
  readonly [descriptors]: DescriptorSelector | undefined;
  /** Removes a source that was closed. */
  [forget](source: object): void;
  /** See `Selector.openRemoteWake`; `undefined` where there is no such way. */
  [openRemoteWake](wake: () => void): RemoteWake | undefined;
}
