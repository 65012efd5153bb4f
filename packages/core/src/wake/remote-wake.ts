/**
 * What `waker.handle()` gives: plain data that can be posted to the workers of this process
 * (`worker.postMessage`, `workerData`), any number of times. There `new RemoteWaker(handle)` of the
 * same backend makes a waker of it. Its fields are the backend's.
 */
export interface WakerHandle {
  /** Which backend's `RemoteWaker` understands it. */
  readonly backend: string;
  /** What the threads share: whether the waker is closed, and more. */
  readonly state: SharedArrayBuffer;
  /** Where the waker listens, as the backend knows it. */
  readonly at: string | number;
  /** Told apart by this from an earlier waker with the same `state`. */
  readonly epoch: number;
}

/** For selectors: one waker that listens to other threads. */
export interface RemoteWake {
  readonly handle: WakerHandle;
  /** Stops listening: from now on the handle is one of a closed waker. */
  close(): void;
}

/** The other end of a {@link WakerHandle}, in any thread of the process. */
export interface RemoteWaker extends Disposable {
  /**
   * Wakes the poll, as `Waker.wake` does in its own thread, also one that blocks in `pollSync`.
   *
   * @throws `EVLOOP_CLOSED` when the waker or its poll is closed, or this end.
   */
  wake(): void;
  /** Ends this end; the waker goes on. Does nothing the second time. */
  close(): void;
}

/** The static side of a backend's `RemoteWaker`. */
export interface RemoteWakerConstructor {
  /** @throws TypeError for what is no handle of this backend. */
  new (handle: WakerHandle): RemoteWaker;
}

/** For backends: checks that `handle` is one. */
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
