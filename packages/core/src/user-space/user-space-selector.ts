import { unsupportedError } from '../errors.ts';
import { Alarm } from '../host/alarm.ts';
import { host } from '../host/host.ts';
import type { Selector } from '../selector.ts';
import type { Supports } from '../sockets/supports.ts';
import { ChannelWake, hasChannels } from '../wake/channel-wake.ts';
import type { RemoteWake } from '../wake/remote-wake.ts';

/**
 * The selector of backends whose sources are all in user space. It has nothing to select from, so
 * it only waits, on the timers of the host's loop. `ReadyList` ends the wait.
 */
export class UserSpaceSelector implements Selector {
  /**
   * What every backend on this selector supports, and what none of them can: a part of its own
   * `supports`.
   */
  static readonly supports: Pick<
    Supports,
    | 'pollSync'
    | 'cork'
    | 'descriptors'
    | 'levelMode'
    | 'oneshotMode'
    | 'exclusiveMode'
    | 'nestedPoll'
    | 'wakerHandles'
  > = Object.freeze({
    pollSync: false,
    cork: false,
    descriptors: false,
    levelMode: true,
    oneshotMode: true,
    exclusiveMode: false,
    nestedPoll: false,
    wakerHandles: hasChannels,
  });

  readonly descriptors: undefined = undefined;
  readonly asksKernel: boolean = false;
  readonly #alarm = new Alarm();
  readonly #remoteWakes: Set<RemoteWake> = new Set();
  #immediate: object | undefined;

  // Sources on the host's loop become ready one callback after the other. An immediate comes after
  // the last of them. So a busy server needs one poll per turn, not one per source.
  readonly settle: ((settled: () => void) => void) | undefined =
    host.setImmediate === undefined ? undefined : (settled) => void host.setImmediate?.(settled);

  now(): number {
    return host.performance.now();
  }

  select(): void {}

  park(timeoutMs: number | null, unpark: () => void): void {
    this.#alarm.set(timeoutMs, unpark);
  }

  unpark(): void {
    this.#alarm.cancel();
    if (this.#immediate !== undefined) host.clearImmediate?.(this.#immediate);
    this.#immediate = undefined;
  }

  turn(turned: () => void): void {
    if (host.setImmediate === undefined) {
      this.#alarm.set(0, turned);
      return;
    }
    // An immediate set from an I/O callback runs in the same turn, before the loop asks the kernel
    // again. Only the second one has a whole phase of I/O before it.
    this.#immediate = host.setImmediate(() => {
      this.#immediate = host.setImmediate?.(() => {
        this.#immediate = undefined;
        turned();
      });
    });
  }

  ref(): void {
    this.#alarm.ref();
  }

  unref(): void {
    this.#alarm.unref();
  }

  openRemoteWake(wake: () => void): RemoteWake {
    if (!hasChannels) {
      throw unsupportedError(
        'remote wakers are not supported: this host lacks BroadcastChannel or SharedArrayBuffer',
      );
    }
    const remote = new ChannelWake(wake, () => this.#remoteWakes.delete(remote));
    this.#remoteWakes.add(remote);
    return remote;
  }

  close(): void {
    for (const remote of this.#remoteWakes) remote.close();
    this.unpark();
  }
}
