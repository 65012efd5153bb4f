/**
 * The result of `waker.handle()`: plain data that can be posted to the workers of this process
 * (`worker.postMessage`, `workerData`), any number of times. There, `new RemoteWaker(handle)` of
 * the same backend makes a waker from it. The backend defines the fields.
 */
export interface WakerHandle {
  /** The name of the backend whose `RemoteWaker` takes this handle. */
  readonly backend: string;
  /** The memory that the threads share: whether the waker is closed, and more. */
  readonly state: SharedArrayBuffer;
  /** Where the waker listens, in the backend's terms. */
  readonly at: string | number;
  /** Distinguishes this waker from an earlier one with the same `state`. */
  readonly epoch: number;
}

/** For selectors: one waker that listens to other threads. */
export interface RemoteWake {
  readonly handle: WakerHandle;
  /** Stops listening. From now on, the handle belongs to a closed waker. */
  close(): void;
}

/** The remote end of a {@link WakerHandle}, in any thread of the process. */
export interface RemoteWaker extends Disposable {
  /**
   * Wakes the poll, as `Waker.wake` does in its own thread. It also wakes a poll that blocks in
   * `pollSync`.
   *
   * @throws EVLOOP_CLOSED: the waker, its poll or this end is closed.
   */
  wake(): void;
  /** Closes this end. The waker keeps working. A second call does nothing. */
  close(): void;
}

/** The static side of a backend's `RemoteWaker`. */
export interface RemoteWakerConstructor {
  /** @throws TypeError: `handle` is not a handle of this backend. */
  new (handle: WakerHandle): RemoteWaker;
}

/** For backends: checks that `handle` is a handle of `backend`, and returns its shared words. */
export function checkHandle(handle: WakerHandle, backend: string, words: number): Int32Array {
  const { state } = (handle ?? {}) as Partial<WakerHandle>;
  if (
    handle?.backend !== backend ||
    Object.prototype.toString.call(state) !== '[object SharedArrayBuffer]' ||
    (state as SharedArrayBuffer).byteLength !== words * Int32Array.BYTES_PER_ELEMENT
  ) {
    throw new TypeError(
      `invalid handle (expected the handle of a waker of the ${backend} backend)`,
    );
  }
  return new Int32Array(state as SharedArrayBuffer);
}
