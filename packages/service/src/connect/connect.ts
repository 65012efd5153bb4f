import { type TcpStream, toSocketAddress } from '@evloop/core';
import type { Deadline } from '../deadlines/deadline.ts';
import type { Loop } from '../loop/loop.ts';
import { timeoutError } from '../timeout-error.ts';
import { AddressQueue } from './address-queue.ts';
import { Attempt, type AttemptOwner } from './attempt.ts';
import { attemptTimeout, connectError } from './connect-error.ts';
import type { ConnectOptions, Lookup, LookupAddress, Target } from './connect-options.ts';

/**
 * Connects to a host by name, with Happy Eyeballs version 2 (RFC 8305).
 *
 * The addresses are tried one after the other, the families interleaved, each as soon as the one
 * before has failed or has taken `attemptDelayMs`. An attempt is never given up because the next
 * has begun. The first that succeeds wins, and the others are closed in the same turn of the loop.
 *
 * @returns the connected stream, which is registered nowhere. Rejects with the system error of the
 * only attempt, or a {@link ConnectError} with those of all attempts; with the error of the lookup;
 * with `ETIMEDOUT`; with the reason of the signal. TypeError: `host` is a name and there is no
 * lookup. RangeError: an option is out of range.
 */
export async function connect(
  loop: Loop,
  target: Target,
  options: ConnectOptions = {},
): Promise<TcpStream> {
  return new Connecting(loop, target, options).begin();
}

/** A connection that is being made. */
class Connecting implements AttemptOwner {
  readonly #loop: Loop;
  readonly #target: Target;
  readonly #name: string;
  readonly #options: ConnectOptions;
  readonly #attemptDelayMs: number;
  readonly #resolutionDelayMs: number;
  readonly #maxInFlight: number;
  readonly #timeoutMs: number;
  readonly #queue: AddressQueue;
  readonly #lookupAbort = new AbortController();
  readonly #attempts = new Set<Attempt>();
  readonly #errors: Error[] = [];
  /** Ends the time that the latest attempt has for itself. */
  #delay: Deadline | undefined;
  #resolutionDelay: Deadline | undefined;
  #timeout: Deadline | undefined;
  #lookupError: unknown;
  #isResolving = true;
  #isSettled = false;
  #resolve!: (stream: TcpStream) => void;
  #reject!: (reason: unknown) => void;

  constructor(loop: Loop, target: Target, options: ConnectOptions) {
    const { host, port } = target;
    this.#loop = loop;
    this.#target = target;
    this.#name = host.includes(':') ? `[${host}]:${port}` : `${host}:${port}`;
    this.#options = options;
    this.#attemptDelayMs = checkNumber('attemptDelayMs', options.attemptDelayMs ?? 250, 0);
    this.#resolutionDelayMs = checkNumber('resolutionDelayMs', options.resolutionDelayMs ?? 50, 0);
    this.#timeoutMs = checkNumber('timeoutMs', options.timeoutMs ?? 10_000, 0);
    this.#maxInFlight = checkNumber('maxInFlight', options.maxInFlight ?? 4, 1);
    const lead = checkNumber('firstFamilyCount', options.firstFamilyCount ?? 1, 1);
    this.#queue = new AddressQueue(lead);
  }

  begin(): Promise<TcpStream> {
    const { host, port } = this.#target;
    const { signal, lookup } = this.#options;
    const literal = literalOf(host, port);
    if (literal === undefined && lookup === undefined) {
      throw new TypeError(`cannot look up '${host}': no lookup was given`);
    }
    if (signal?.aborted) throw signal.reason;
    signal?.addEventListener('abort', this.#onAbort);
    const promise = new Promise<TcpStream>((resolve, reject) => {
      this.#resolve = resolve;
      this.#reject = reject;
    });
    this.#timeout = this.#loop.deadlines.in(this.#timeoutMs, () => this.#timeOut());
    if (literal === undefined) {
      void this.#lookUp(lookup as Lookup, host);
    } else {
      this.#isResolving = false;
      this.#queue.add([literal]);
      this.#startNext();
    }
    return promise;
  }

  connected(attempt: Attempt): void {
    this.#attempts.delete(attempt);
    attempt.detach();
    this.#end();
    this.#resolve(attempt.stream);
  }

  failed(attempt: Attempt, error: Error): void {
    this.#attempts.delete(attempt);
    attempt.close();
    this.#errors.push(error);
    this.#startNext();
  }

  async #lookUp(lookup: Lookup, host: string): Promise<void> {
    try {
      const answer = lookup(host, { signal: this.#lookupAbort.signal });
      if (Symbol.asyncIterator in answer) {
        for await (const addresses of answer) {
          if (this.#isSettled) return;
          this.#arrived(addresses);
        }
      } else {
        this.#queue.add(await answer);
      }
    } catch (error) {
      this.#lookupError = error;
    }
    if (this.#isSettled) return;
    this.#isResolving = false;
    this.#resolutionDelay?.cancel();
    if (!this.#delay?.pending) this.#startNext();
  }

  /**
   * Some addresses have arrived, and more may. RFC 8305, section 3: IPv4 waits a little for IPv6.
   */
  #arrived(addresses: readonly LookupAddress[]): void {
    this.#queue.add(addresses);
    if (this.#queue.length === 0 || this.#delay?.pending) return;
    if (this.#queue.has(6) || this.#resolutionDelayMs === 0) this.#resolutionDelay?.cancel();
    else this.#resolutionDelay ??= this.#waitForFamily();
    if (!this.#resolutionDelay?.pending) this.#startNext();
  }

  #waitForFamily(): Deadline {
    return this.#loop.deadlines.in(this.#resolutionDelayMs, () => this.#startNext());
  }

  /** Begins the next attempt, if there is one, and gives up when nothing is left to hope for. */
  #startNext(): void {
    this.#delay?.cancel();
    while (this.#attempts.size < this.#maxInFlight) {
      const address = this.#queue.take();
      if (address === undefined) break;
      if (!this.#start(address)) continue;
      this.#delay = this.#loop.deadlines.in(this.#attemptDelayMs, () => this.#startNext());
      break;
    }
    if (this.#attempts.size === 0 && !this.#isResolving) this.#giveUp();
  }

  /** Begins an attempt. Returns whether it is under way. */
  #start({ address }: LookupAddress): boolean {
    const { port } = this.#target;
    let stream: TcpStream | undefined;
    try {
      stream = this.#loop.backend.TcpStream.connect({ address, port }, this.#options.tcp);
      const attempt = new Attempt(this.#loop, stream, { address, port }, this);
      attempt.attach();
      this.#attempts.add(attempt);
      return true;
    } catch (error) {
      stream?.close();
      this.#errors.push(error as Error);
      return false;
    }
  }

  readonly #onAbort = (): void => this.#fail(this.#options.signal?.reason);

  #giveUp(): void {
    if (this.#errors.length > 0) this.#fail(connectError(this.#name, this.#errors));
    else this.#fail(this.#lookupError ?? new Error(`${this.#target.host} has no address`));
  }

  #timeOut(): void {
    for (const { target } of this.#attempts) this.#errors.push(attemptTimeout(target));
    if (this.#errors.length > 0) {
      this.#fail(connectError(this.#name, this.#errors, 'ETIMEDOUT'));
    } else {
      this.#fail(timeoutError(`no address of ${this.#target.host} in ${this.#timeoutMs} ms`));
    }
  }

  #fail(reason: unknown): void {
    this.#end();
    this.#reject(reason);
  }

  /** Closes what is under way. */
  #end(): void {
    this.#isSettled = true;
    this.#loop.yieldToHost();
    this.#delay?.cancel();
    this.#resolutionDelay?.cancel();
    this.#timeout?.cancel();
    this.#options.signal?.removeEventListener('abort', this.#onAbort);
    this.#lookupAbort.abort();
    for (const attempt of this.#attempts) attempt.close();
    this.#attempts.clear();
  }
}

/** The address that `host` is; `undefined` when it is a name. */
function literalOf(host: string, port: number): LookupAddress | undefined {
  if (typeof host !== 'string' || host === '') {
    throw new TypeError(`invalid host: '${host}' (expected a name or an IP address)`);
  }
  if (!Number.isInteger(port) || port < 1 || port > 65535) {
    throw new RangeError(`invalid port: ${port} (expected an integer from 1 to 65535)`);
  }
  try {
    const { address, family } = toSocketAddress({ address: host, port });
    return { address, family: family === 'IPv6' ? 6 : 4 };
  } catch {
    return undefined;
  }
}

function checkNumber(name: string, value: number, least: number): number {
  if (typeof value === 'number' && value >= least) return value;
  throw new RangeError(`invalid ${name}: ${value} (expected a number from ${least})`);
}
