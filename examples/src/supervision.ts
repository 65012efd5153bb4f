import { setTimeout } from 'node:timers/promises';
import { type Backend, WouldBlock } from '@evloop/core';
import { Notifier, type NotifyBackend } from '@evloop/listenfd';
import { Failure, isSystemError, reason } from './program.ts';

const RETRY_MS = 100;

/** What a service tells its supervisor from beginning to end. Where there is none, it tells nobody. */
export class Supervision {
  readonly #notifier: Notifier;
  #closed = false;

  constructor(notifier: Notifier) {
    this.#notifier = notifier;
  }

  /** Finds out whom to tell, and how. */
  static async begin(backend: Backend): Promise<Supervision> {
    const sockets = process.env['NOTIFY_SOCKET'] === undefined ? backend : await lender(backend);
    try {
      return new Supervision(Notifier.fromEnvironment(sockets));
    } catch (error) {
      throw new Failure(reason(error));
    }
  }

  /** The service has begun; from now on it is alive, and SIGTERM is its end. */
  ready(status: string): void {
    void this.#tell(() => this.#notifier.ready(status));
    const { watchdogMs } = this.#notifier;
    if (watchdogMs !== undefined) {
      setInterval(() => void this.#tell(() => this.#notifier.watchdog()), watchdogMs / 2).unref();
    }
    process.once('SIGTERM', () => void this.#tell(() => this.#notifier.stopping('Draining')));
  }

  /** The service has ended. */
  close(): void {
    this.#closed = true;
    this.#notifier.close();
  }

  // A supervisor that has not read what it was told before is told again later: no event says when it has. One that has gone is no
  // reason to stop serving.
  async #tell(message: () => boolean | WouldBlock): Promise<void> {
    try {
      while (!this.#closed && message() === WouldBlock) {
        await setTimeout(RETRY_MS, undefined, { ref: false });
      }
    } catch (error) {
      if (!isSystemError(error)) throw error;
      console.error(`cannot tell the supervisor: ${reason(error)}; going on`);
    }
  }
}

/** Whoever has Unix datagrams: they need no poll, so that a program on net can borrow those of epoll, where that loads. */
async function lender(backend: NotifyBackend): Promise<NotifyBackend> {
  if (backend.UnixDatagram !== undefined) return backend;
  const epoll = await import('@evloop/epoll');
  return epoll.unavailable === undefined ? epoll : backend;
}
