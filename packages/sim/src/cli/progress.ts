import { realNow } from '../clock/runtime.ts';

/** Writes how far a campaign is, and when it will be done, to a terminal once a second. */
export class Progress {
  readonly #total: number;
  readonly #write: (text: string) => void;
  readonly #started: number = realNow();
  #last: number = realNow();
  #done = 0;
  #events = 0;

  constructor(total: number, write: (text: string) => void) {
    this.#total = total;
    this.#write = write;
  }

  /** So many runs, with so many events, have ended. */
  add(runs: number, events: number): void {
    this.#done += runs;
    this.#events += events;
    if (realNow() - this.#last < 1000) return;
    this.#last = realNow();
    this.#write(`${this.line()}\n`);
  }

  /** The present state in one line. */
  line(): string {
    const seconds = (realNow() - this.#started) / 1000;
    const each = seconds / Math.max(this.#done, 1);
    const left = Math.ceil(each * (this.#total - this.#done));
    const perMinute = Math.round(60 / Math.max(each, 1e-6));
    return (
      `${this.#done} of ${this.#total} seeds, ${perMinute} a minute, ` +
      `${Math.round(this.#events / Math.max(seconds, 1e-3))} events a second, ` +
      `${left === 0 ? 'done' : `about ${left} s left`}`
    );
  }

  /** The last line: the runs have ended, all of them or by the limit. */
  end(): string {
    const line = this.line();
    return line.replace(/about \d+ s left$/, 'stopped');
  }
}
