/** The wish that a program ends, which may come at any time. */
export class Stop {
  #state: 'running' | 'draining' | 'requested' = 'running';
  #drainMs = Number.POSITIVE_INFINITY;
  /** Called when the wish comes: ends the wait of whoever is to notice it. */
  wake: () => void = () => {};

  /** The program is to end now. */
  get requested(): boolean {
    return this.#state === 'requested';
  }

  /** The program is to end when its work is done, and to take on no more. */
  get draining(): boolean {
    return this.#state === 'draining';
  }

  request(): void {
    if (this.requested) return;
    this.#state = 'requested';
    this.wake();
  }

  /** The second time it is as `request`. */
  drain(): void {
    if (this.#state === 'running') {
      this.#state = 'draining';
      this.#watch();
      this.wake();
    } else {
      this.request();
    }
  }

  /** Bounds draining: a program that still drains after these milliseconds is asked to end at once. */
  limitDrain(ms: number): this {
    this.#drainMs = ms;
    if (this.draining) this.#watch();
    return this;
  }

  #watch(): void {
    if (Number.isFinite(this.#drainMs)) setTimeout(() => this.request(), this.#drainMs).unref();
  }

  /**
   * SIGINT and SIGTERM are such a wish from now on. Either may come, also more than once: npm passes on the SIGINT that a
   * program has got from the terminal already.
   *
   * @param sigterm what SIGTERM means, by which supervisors stop a service: `'now'` where it is left out.
   */
  onSignals(sigterm: 'now' | 'drain' = 'now'): this {
    process.on('SIGINT', () => this.request());
    process.on('SIGTERM', () => (sigterm === 'drain' ? this.drain() : this.request()));
    return this;
  }
}
