import type { DescriptorSelector } from '../selector.ts';
import type { RemoteWake } from '../wake/remote-wake.ts';
import type { ReadyList } from './ready-list.ts';

/** The key of the queue of user-space readiness. */
export const readyList: unique symbol = Symbol.for('evloop.readyList');

/** The key of the selector that takes descriptors. */
export const descriptors: unique symbol = Symbol.for('evloop.descriptors');

/** The key of the method that removes a closed source from its registry. */
export const forget: unique symbol = Symbol.for('evloop.forget');

/** The key of the method that lets a waker listen to other threads. */
export const openRemoteWake: unique symbol = Symbol.for('evloop.openRemoteWake');

/**
 * A {@link Registry}, as its sources see it. A source only passes it on: to its inner source or to
 * its registration.
 *
 * The members that registrations need are under symbols, which `@evloop/core/backend` exports.
 */
export interface Registrar {
  /** Whether its poll was closed. */
  readonly closed: boolean;
  /** The queue of user-space readiness. */
  readonly [readyList]: ReadyList;
  /** The selector that takes descriptors; `undefined` on a backend that takes none. */
  readonly [descriptors]: DescriptorSelector | undefined;
  /** Removes a source that was closed. */
  [forget](source: object): void;
  /** See `Selector.openRemoteWake`; `undefined` on a selector without it. */
  [openRemoteWake](wake: () => void): RemoteWake | undefined;
}
