import type { SocketOption, SocketOptionName } from '@evloop/core';

/** The options of `SocketOptions` that TCP streams take. */
export const TCP_STREAM_OPTIONS: readonly SocketOptionName[] = Object.freeze([
  'keepAlive',
  'keepIdle',
  'keepInterval',
  'keepCount',
  'userTimeout',
  'linger',
  'nodelay',
  'recvBufferSize',
  'sendBufferSize',
]);

/** Linux's defaults. Times are milliseconds. */
const DEFAULTS: Readonly<Partial<Record<SocketOptionName, unknown>>> = {
  keepAlive: false,
  keepIdle: 7_200_000,
  keepInterval: 75_000,
  keepCount: 9,
  userTimeout: 0,
  linger: null,
  nodelay: false,
  recvBufferSize: 131_072,
  sendBufferSize: 87_040,
};

/** Linux takes double the size that is asked for, and so much at least. */
const LEAST_RECEIVE_BUFFER = 2304;
const LEAST_SEND_BUFFER = 4608;

/** The options of one TCP stream, or those that a listener gives to its streams. */
export class StreamOptions {
  readonly #values: Map<SocketOptionName, unknown>;
  #ttl = 64;
  #sendBuffer: number | undefined;
  #receiveBuffer: number | undefined;

  constructor(from?: StreamOptions) {
    this.#values = new Map(from === undefined ? [] : from.#values);
    if (from === undefined) return;
    this.#ttl = from.#ttl;
    this.#sendBuffer = from.#sendBuffer;
    this.#receiveBuffer = from.#receiveBuffer;
  }

  get ttl(): number {
    return this.#ttl;
  }

  /** Sets the hop limit. @throws RangeError: it is no integer from 1 to 255. */
  set ttl(hops: number) {
    if (!Number.isInteger(hops) || hops < 1 || hops > 255) {
      throw new RangeError(
        `invalid hop limit: ${String(hops)} (expected an integer from 1 to 255)`,
      );
    }
    this.#ttl = hops;
  }

  /** How many bytes may be written ahead, where the program has set it. */
  get sendBuffer(): number | undefined {
    return this.#sendBuffer;
  }

  /** How many bytes may wait to be read, where the program has set it. */
  get receiveBuffer(): number | undefined {
    return this.#receiveBuffer;
  }

  get<N extends SocketOptionName>(name: N): SocketOption<N> {
    const value = this.#values.has(name) ? this.#values.get(name) : DEFAULTS[name];
    return value as SocketOption<N>;
  }

  /** Sets a checked value. */
  set(name: SocketOptionName, value: unknown): void {
    let kept = value;
    if (name === 'sendBufferSize') {
      kept = Math.max(2 * (value as number), LEAST_SEND_BUFFER);
      this.#sendBuffer = kept as number;
    } else if (name === 'recvBufferSize') {
      kept = Math.max(2 * (value as number), LEAST_RECEIVE_BUFFER);
      this.#receiveBuffer = kept as number;
    }
    this.#values.set(name, kept);
  }
}
