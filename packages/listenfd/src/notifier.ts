import type { UnixAddress, WouldBlock } from '@evloop/core';
import { closedError, unsupportedError } from '@evloop/core/backend';
import type { Environment } from './parse-listen-fds.ts';
import { parseNotifySocket } from './parse-notify-socket.ts';

// Read once, when this module is loaded, so that fake timers do not affect it.
const hrtime = process.hrtime.bigint;

/**
 * The part of a Unix datagram socket that a {@link Notifier} uses. It need not be registered with a
 * poll.
 */
export interface NotifySocket {
  /** Sends one datagram to the socket named `path`. `WouldBlock`: its queue is full. */
  sendTo(buffer: Uint8Array, path: UnixAddress): number | WouldBlock;
  close(): void;
}

/**
 * Where a {@link Notifier} gets its socket: a backend, or `{ UnixDatagram }` of one.
 * `@evloop/epoll` has it. Node has no Unix datagrams, so `@evloop/net` lacks it.
 */
export interface NotifyBackend {
  readonly name?: string;
  readonly UnixDatagram?: { unbound(): NotifySocket } | undefined;
}

/** Options of {@link Notifier.fromEnvironment}. */
export interface NotifierOptions {
  /** The environment to read, and to remove the variables from. Default: `process.env`. */
  readonly env?: Environment | undefined;
  /** The process that a watchdog must name. Default: this one. `null` does not check. */
  readonly pid?: number | null | undefined;
}

/**
 * Tells the supervisor about the state of this service: sd_notify(3). Use it with systemd's
 * `Type=notify`, `Type=notify-reload` and `WatchdogSec=`.
 *
 * Each message returns `true` when it was sent, and `false` if no supervisor wants messages. It
 * returns `WouldBlock` if the supervisor has not read the earlier ones: try again after a while,
 * because no event tells when it has. After `close()`, messages throw `EVLOOP_CLOSED`. They throw a
 * `SystemError` if the supervisor is gone: `ECONNREFUSED`, `ENOENT`.
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
   * The interval in which `watchdog()` must be called, in milliseconds. Call it twice as often.
   * `undefined`: there is no watchdog.
   */
  readonly watchdogMs: number | undefined;
  readonly #socket: NotifySocket | undefined;
  readonly #path: UnixAddress;
  #closed = false;

  /**
   * Sends to `path`, through `socket`, which the notifier owns from now on. Without a socket, all
   * messages return `false`.
   */
  constructor(socket?: NotifySocket, path: UnixAddress = '', watchdogMs?: number) {
    this.#socket = socket;
    this.#path = path;
    this.watchdogMs = watchdogMs;
  }

  /**
   * Reads the supervisor's address. Always removes `NOTIFY_SOCKET`, `WATCHDOG_USEC` and
   * `WATCHDOG_PID` from the environment, also when it throws, so that child processes don't speak
   * for this one. A worker removes them only from its own copy, unless it was started with `env:
   * SHARE_ENV`. Call it in the main thread too, if that starts child processes.
   *
   * @throws EVLOOP_UNSUPPORTED: `NOTIFY_SOCKET` is set, but `backend` has no Unix datagrams, or the
   *   address is a `vsock` address. (A silent notifier would make the supervisor wait, and then
   *   kill the service.) RangeError: the variables are malformed, see {@link parseNotifySocket}. A
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

  /** Whether a supervisor wants messages. */
  get enabled(): boolean {
    return this.#socket !== undefined;
  }

  /** Reports that the service has started, or has finished reloading. */
  ready(status?: string): boolean | WouldBlock {
    return this.notify({ READY: 1, ...withStatus(status) });
  }

  /**
   * Reports that the service begins to reload its configuration. Call `ready()` afterwards, also if
   * the reload failed.
   */
  reloading(status?: string): boolean | WouldBlock {
    // Node's clock is CLOCK_MONOTONIC, the one that systemd compares it with.
    const now = hrtime() / 1000n;
    return this.notify({ RELOADING: 1, MONOTONIC_USEC: String(now), ...withStatus(status) });
  }

  /** Reports that the service begins to stop. */
  stopping(status?: string): boolean | WouldBlock {
    return this.notify({ STOPPING: 1, ...withStatus(status) });
  }

  /** Reports what the service is doing, for people: one line. */
  status(text: string): boolean | WouldBlock {
    return this.notify({ STATUS: text });
  }

  /** Reports that the service is alive: see `watchdogMs`. */
  watchdog(): boolean | WouldBlock {
    return this.notify({ WATCHDOG: 1 });
  }

  /**
   * Sends any assignments of sd_notify(3) in one message: `{ MAINPID: 4711, EXTEND_TIMEOUT_USEC:
   * 5_000_000 }`.
   *
   * @throws TypeError: a name has other characters than capital letters, digits and `_`, or a value
   *   has a line break. Nothing is sent then.
   */
  notify(assignments: Readonly<Record<string, string | number>>): boolean | WouldBlock {
    const lines = Object.entries(assignments).map(([name, value]) => line(name, String(value)));
    if (this.#closed) throw closedError('the notifier');
    if (this.#socket === undefined) return false;
    const sent = this.#socket.sendTo(new TextEncoder().encode(lines.join('\n')), this.#path);
    return typeof sent === 'number' ? true : sent;
  }

  /** Closes the socket. A second call does nothing. */
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
