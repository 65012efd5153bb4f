import type { ScheduledEvent } from '../clock/event-heap.ts';
import type { Connection } from './connection.ts';

/** Probes of a silent peer. */
export class KeepAlive {
  readonly #connection: Connection;
  #timer: ScheduledEvent | undefined;
  #heardAt = 0;
  #probes = 0;
  #running = false;
  on = false;
  /**
   * After how much silence the first probe is sent, in nanoseconds (`net.ipv4.tcp_keepalive_time`).
   */
  idle = 7200e9;
  /** The time between probes, in nanoseconds (`net.ipv4.tcp_keepalive_intvl`). */
  interval = 75e9;
  /** So many probes without an answer end the connection (`net.ipv4.tcp_keepalive_probes`). */
  count = 9;

  constructor(connection: Connection) {
    this.#connection = connection;
  }

  /** The connection is established. */
  start(): void {
    this.#running = true;
    this.heard();
    this.change();
  }

  /** Something came from the peer. */
  heard(): void {
    this.#heardAt = this.#connection.now;
    this.#probes = 0;
  }

  /** An option was changed. */
  change(): void {
    this.#cancel();
    if (!this.#running || !this.on) return;
    const wait = this.#probes > 0 ? this.interval : this.idle;
    // While the program waits for nothing else, silence alone keeps no simulation going.
    this.#timer = this.#connection.schedule(this.#heardAt + wait, this.#onTimer);
  }

  stop(): void {
    this.#running = false;
    this.#cancel();
  }

  #cancel(): void {
    this.#connection.cancel(this.#timer);
    this.#timer = undefined;
  }

  readonly #onTimer = (): void => {
    this.#timer = undefined;
    const { now, sender } = this.#connection;
    const silent = now - this.#heardAt;
    const wait = this.idle + this.#probes * this.interval;
    if (silent < wait) {
      this.#timer = this.#connection.schedule(this.#heardAt + wait, this.#onTimer);
      return;
    }
    if (this.#probes >= this.count) {
      this.#connection.timedOut();
      return;
    }
    this.#probes++;
    if (sender.queued === 0) sender.probe();
    this.#timer = this.#connection.schedule(now + this.interval, this.#onTimer);
  };
}
