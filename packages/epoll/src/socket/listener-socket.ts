import { isExhausted, isTransient, WouldBlock } from '@evloop/core';
import type { Origin } from '@evloop/core/backend';
import { errnoError } from '../native/errno-error.ts';
import { native } from '../native/native.ts';
import { scratchName } from '../native/sockaddr.ts';
import { checkInteger } from '../native/socket-option.ts';
import { ListenerRegistration } from './listener-registration.ts';
import { SocketSource } from './socket-source.ts';

const { EAGAIN, EINTR } = native.constants;

/** What has become of the connections of a listener. */
export interface AcceptCounters {
  /** Connections that were accepted. */
  readonly accepted: number;
  /**
   * Connections that were gone before they could be accepted (`ECONNABORTED`, `EPROTO`,
   * `EHOSTUNREACH` …).
   */
  readonly aborted: number;
  /**
   * How often none could be accepted for want of descriptors or memory. The connections go on
   * waiting.
   */
  readonly exhausted: number;
}

/** What a listening socket of either family does. */
export abstract class ListenerSocket<Stream> extends SocketSource<ListenerRegistration> {
  // One for all, so that accepting captures nothing.
  readonly #acceptedFrom: Origin = {
    toString: () => `a connection accepted by the ${this.origin}`,
  };
  #accepted = 0;
  #aborted = 0;
  #exhausted = 0;

  /** Takes the next connection: see the contract. */
  abstract accept(): Stream | WouldBlock;

  /**
   * Takes the connections that wait, `limit` at the most: a listener that is overrun leaves time to
   * those that are connected.
   *
   * When there may be more, the listener is reported anew by the next poll, so that nothing has to
   * be remembered. Connections that are gone already are passed over and counted.
   *
   * @returns the connections; fewer than `limit`, and possibly none, when no more wait.
   * @throws as `accept` does for want of descriptors, when it has taken none.
   */
  acceptMany(limit: number): Stream[] {
    checkInteger('limit', limit, 1, 0x7fffffff);
    const streams: Stream[] = [];
    while (streams.length < limit) {
      try {
        const stream = this.accept();
        if (stream === WouldBlock) return streams;
        streams.push(stream);
      } catch (error) {
        if (isTransient(error) && !isExhausted(error)) continue;
        if (streams.length === 0) throw error;
        return streams;
      }
    }
    this.registration.again();
    return streams;
  }

  /** Whether the listener is paused. */
  get paused(): boolean {
    return this.registration.paused;
  }

  /**
   * Is not reported until `resume`, and stays registered. Connections go on waiting in the kernel,
   * up to the backlog. Does nothing the second time.
   *
   * @throws `EVLOOP_CLOSED`.
   */
  pause(): void {
    this.openFd();
    this.registration.setPaused(true);
  }

  /** Ends `pause`; what waits is reported by the next poll. Does nothing the second time. */
  resume(): void {
    this.openFd();
    this.registration.setPaused(false);
  }

  /** What has become of the connections so far. A new object. */
  counters(): AcceptCounters {
    return { accepted: this.#accepted, aborted: this.#aborted, exhausted: this.#exhausted };
  }

  protected acceptOne(stream: new (fd: number, origin: Origin) => Stream): Stream | WouldBlock {
    const fd = this.openFd();
    for (;;) {
      const accepted = native.accept4(fd, scratchName);
      if (accepted >= 0) {
        this.#accepted++;
        return new stream(accepted, this.#acceptedFrom);
      }
      if (accepted === -EAGAIN) return WouldBlock;
      if (accepted === -EINTR) continue;
      const error = errnoError(accepted, 'accept');
      if (isExhausted(error)) {
        this.#exhausted++;
        // Free descriptors are no edge: the connections that wait would wait until the next one
        // comes.
        this.registration.retry();
      } else if (isTransient(error)) {
        this.#aborted++;
      }
      throw error;
    }
  }

  protected override createRegistration(fd: number): ListenerRegistration {
    return new ListenerRegistration(this, fd);
  }
}
