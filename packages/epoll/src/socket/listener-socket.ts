import { isExhausted, isTransient, WouldBlock } from '@evloop/core';
import type { Origin } from '@evloop/core/backend';
import { errnoError } from '../native/errno-error.ts';
import { native } from '../native/native.ts';
import { scratchName } from '../native/sockaddr.ts';
import { checkInteger } from '../native/socket-option.ts';
import { ListenerRegistration } from './listener-registration.ts';
import { SocketSource } from './socket-source.ts';

const { EAGAIN, EINTR } = native.constants;

/** Counters of the connections of a listener. */
export interface AcceptCounters {
  /** Connections that were accepted. */
  readonly accepted: number;
  /**
   * Connections that were gone before they could be accepted (`ECONNABORTED`, `EPROTO`,
   * `EHOSTUNREACH` …).
   */
  readonly aborted: number;
  /**
   * How often accepting failed because descriptors or memory ran out. The connections stay in the
   * queue.
   */
  readonly exhausted: number;
}

/** The common part of TCP and Unix listeners. */
export abstract class ListenerSocket<Stream> extends SocketSource<ListenerRegistration> {
  // One object for all, so that accepting captures no stack.
  readonly #acceptedFrom: Origin = {
    toString: () => `a connection accepted by the ${this.origin}`,
  };
  #accepted = 0;
  #aborted = 0;
  #exhausted = 0;

  /** Accepts the next connection: see the contract. */
  abstract accept(): Stream | WouldBlock;

  /**
   * Accepts at most `limit` waiting connections, so that an overloaded listener leaves time for
   * connected clients.
   *
   * If there may be more, the next poll reports the listener again, so the program need not
   * remember it. Connections that are gone already are skipped and counted.
   *
   * @returns the streams. Fewer than `limit`, possibly none, if no more wait.
   * @throws as `accept`, if descriptors ran out before the first one.
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
   * Stops reporting the listener until `resume`. It stays registered, and connections wait in the
   * kernel, up to the backlog. A second call does nothing.
   *
   * @throws EVLOOP_CLOSED: the listener is closed.
   */
  pause(): void {
    this.openFd();
    this.registration.setPaused(true);
  }

  /** Undoes `pause`: the next poll reports waiting connections. A second call does nothing. */
  resume(): void {
    this.openFd();
    this.registration.setPaused(false);
  }

  /** Returns the counters, as a new object. */
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
        // Free descriptors make no edge: without this, waiting connections would wait until the
        // next one arrives.
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
