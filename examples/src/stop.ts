/** The wish that a program ends, which may come at any time. */
export class Stop {
  #requested = false;
  /** Called once when the wish comes: ends the wait of whoever is to notice it. */
  wake: () => void = () => {};

  get requested(): boolean {
    return this.#requested;
  }

  request(): void {
    if (this.#requested) return;
    this.#requested = true;
    this.wake();
  }

  /**
   * SIGINT and SIGTERM are such a wish from now on. Either may come, also more than once: npm passes on the SIGINT that a
   * program has got from the terminal already.
   */
  onSignals(): this {
    const request = () => this.request();
    process.on('SIGINT', request).on('SIGTERM', request);
    return this;
  }
}
