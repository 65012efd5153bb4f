import type { UnixAddress, WouldBlock } from '@evloop/core';
import { closedError, unsupportedError } from '@evloop/core/backend';
import type { Environment } from './parse-listen-fds.ts';
import { parseNotifySocket } from './parse-notify-socket.ts';

// Taken once, when this module is loaded, so that fake timers do not affect it.
const hrtime = process.hrtime.bigint;

/**
 * A Unix datagram socket, as far as a {@link Notifier} needs it. It need not be registered with a
 * poll.
 */
export interface NotifySocket {
  /** Sends one datagram to the socket with the name `path`. `WouldBlock`: that one is full. */
  sendTo(buffer: Uint8Array, path: UnixAddress): number | WouldBlock;
  close(): void;
}

/**
 * Where a {@link Notifier} gets its socket: a backend, or `{ UnixDatagram }` of one.
 * `@evloop/epoll` has it; Node itself has no Unix datagrams, so `@evloop/net` has not.
 */
export interface NotifyBackend {
  readonly name?: string;
  readonly UnixDatagram?: { unbound(): NotifySocket } | undefined;
}

/** Options of {@link Notifier.fromEnvironment}. */
export interface NotifierOptions {
  /**
   * The environment that is read, and from which the variables are removed: `process.env` where it
   * is left out.
   */
  readonly env?: Environment | undefined;
  /**
   * The process that a watchdog must be meant for: this one where it is left out. `null` does not
   * check.
   */
  readonly pid?: number | null | undefined;
}

/**
 * Tells the supervisor of this service how it is: sd_notify(3). For systemd it is what
 * `Type=notify`, `Type=notify-reload` and `WatchdogSec=` are about.
 *
 * Each message answers `true` when the supervisor has it, `false` when there is no supervisor that
 * wants any, and `WouldBlock` when it has not read the ones before: try again after a while, since
 * no event tells when it has. They throw `EVLOOP_CLOSED` after `close()`, and a `SystemError` when
 * the supervisor is gone: `ECONNREFUSED`, `ENOENT`.
 *
 * @example
 * ```ts
 * import * as backend from '@evloop/epoll';
 * import { Notifier } from '@evloop/listenfd';
 *
 * const notifier = Notifier.fromEnvironment(backend);
 * const listener = backend.TcpListener.bind('127.0.0.1:9000');
 * notifier.ready('Accepting connections');
 * const { watchdogMs } = notifier;
 * if (watchdogMs !== undefined) setInterval(() => notifier.watchdog(), watchdogMs / 2);
 * process.once('SIGTERM', () => notifier.stopping());
 * ```
 */
export class Notifier implements Disposable {
  /**
   * How often `watchdog()` must be called, in milliseconds; twice as often is advised. `undefined`:
   * nobody waits for it.
   */
  readonly watchdogMs: number | undefined;
  readonly #socket: NotifySocket | undefined;
  readonly #path: UnixAddress;
  #closed = false;

  /**
   * Sends to `path`, through `socket`, which is the notifier's from now on. Without a socket, all
   * messages answer `false`.
   */
  constructor(socket?: NotifySocket, path: UnixAddress = '', watchdogMs?: number) {
    this.#socket = socket;
    this.#path = path;
    this.watchdogMs = watchdogMs;
  }

  /**
   * Reads whom to tell, and removes `NOTIFY_SOCKET`, `WATCHDOG_USEC` and `WATCHDOG_PID` from the
   * environment in any case, also when it throws: child processes must not speak for this one. A
   * worker removes them from its own copy only, unless it was started with `env: SHARE_ENV`. Call
   * it in the main thread too, if that starts child processes.
   *
   * @throws `EVLOOP_UNSUPPORTED` when `NOTIFY_SOCKET` is set and `backend` has no Unix datagrams (a
   *   notifier that kept silent would have the supervisor wait, and then kill the service), or it
   *   names a `vsock` address; RangeError for malformed variables: see {@link parseNotifySocket}; a
   *   `SystemError`: `EMFILE` …
   */
  static fromEnvironment(backend: NotifyBackend, options: NotifierOptions = {}): Notifier {
    const { env = process.env, pid = process.pid } = options;
    try {
      const { path, watchdogMs } = parseNotifySocket(env, pid);
      if (path === undefined) return new Notifier();
      if (backend.UnixDatagram === undefined) {
        const { name } = backend;
        throw unsupportedError(
          `NOTIFY_SOCKET is set, and ${name === undefined ? 'there are' : `the backend '${name}' has`} no Unix datagram sockets; @evloop/epoll has them`,
        );
      }
      return new Notifier(backend.UnixDatagram.unbound(), path, watchdogMs);
    } finally {
      delete env['NOTIFY_SOCKET'];
      delete env['WATCHDOG_USEC'];
      delete env['WATCHDOG_PID'];
    }
  }

  /** Whether anybody wants to be told. */
  get enabled(): boolean {
    return this.#socket !== undefined;
  }

  /** The service has started, or has finished reloading. */
  ready(status?: string): boolean | WouldBlock {
    return this.notify({ READY: 1, ...withStatus(status) });
  }

  /**
   * The service begins to reload its configuration. Say `ready()` when it has, also when that
   * failed.
   */
  reloading(status?: string): boolean | WouldBlock {
    // Node's clock is CLOCK_MONOTONIC, which is what systemd compares it with.
    const now = hrtime() / 1000n;
    return this.notify({ RELOADING: 1, MONOTONIC_USEC: String(now), ...withStatus(status) });
  }

  /** The service begins to stop. */
  stopping(status?: string): boolean | WouldBlock {
    return this.notify({ STOPPING: 1, ...withStatus(status) });
  }

  /** What the service does, for people: one line. */
  status(text: string): boolean | WouldBlock {
    return this.notify({ STATUS: text });
  }

  /** The service is alive: see `watchdogMs`. */
  watchdog(): boolean | WouldBlock {
    return this.notify({ WATCHDOG: 1 });
  }

  /**
   * Sends any assignments of sd_notify(3) in one message:
   * `{ MAINPID: 4711, EXTEND_TIMEOUT_USEC: 5_000_000 }`.
   *
   * @throws TypeError for a name that is none (capital letters, digits and `_`), and for a value
   *   with a line break; nothing is sent then.
   */
  notify(assignments: Readonly<Record<string, string | number>>): boolean | WouldBlock {
    const lines = Object.entries(assignments).map(([name, value]) => line(name, String(value)));
    if (this.#closed) throw closedError('the notifier');
    if (this.#socket === undefined) return false;
    const sent = this.#socket.sendTo(new TextEncoder().encode(lines.join('\n')), this.#path);
    return typeof sent === 'number' ? true : sent;
  }

  /** Closes the socket. Does nothing the second time. */
  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    this.#socket?.close();
  }

  [Symbol.dispose](): void {
    this.close();
  }
}

function withStatus(status: string | undefined): { STATUS?: string } {
  return status === undefined ? {} : { STATUS: status };
}

function line(name: string, value: string): string {
  if (!/^[A-Z][A-Z0-9_]*$/.test(name)) {
    throw new TypeError(`invalid name: ${JSON.stringify(name)} (expected an assignment's name)`);
  }
  if (/[\n\0]/.test(value)) {
    throw new TypeError(`invalid ${name}: ${JSON.stringify(value)} (expected a single line)`);
  }
  return `${name}=${value}`;
}
