import type {
  Interest,
  Readiness,
  Registry,
  SocketOption,
  SocketOptionName,
  SocketWithOptions,
  Source,
  Token,
} from '@evloop/core';
import {
  forget,
  type Inspect,
  inspected,
  inspectSource,
  registrationOf,
  unsupportedError,
  unwatchOrigin,
  watchOrigin,
} from '@evloop/core/backend';
import type { Endpoint } from './endpoint.ts';

/** The outside of a source: registration, options, closing, and what becomes of one that is lost. */
export abstract class NetSource<E extends Endpoint>
  implements Source, SocketWithOptions, Disposable
{
  readonly #endpoint: E;

  constructor(endpoint: E) {
    this.#endpoint = endpoint;
    watchOrigin(this, endpoint);
  }

  get [registrationOf](): Readiness {
    return this.#endpoint.readiness;
  }

  /** What `console.log` prints. */
  [inspected](_depth: number, options: object, inspect?: Inspect): string {
    return inspectSource(this, this.#endpoint.readiness, options, inspect);
  }

  /** For `Registry`. */
  register(registry: Registry, token: Token, interest: Interest): void {
    this.#endpoint.register(registry, token, interest);
  }

  /** For `Registry`. */
  reregister(registry: Registry, token: Token, interest: Interest): void {
    this.#endpoint.reregister(registry, token, interest);
  }

  /** For `Registry`. */
  deregister(registry: Registry): void {
    this.#endpoint.deregister(registry);
  }

  socketOption<N extends SocketOptionName>(name: N): SocketOption<N> {
    return this.open.option(name);
  }

  setSocketOption<N extends SocketOptionName>(name: N, value: SocketOption<N>): void {
    this.open.setOption(name, value);
  }

  getOption(_level: number, _option: number, _size?: number): never {
    throw this.#noRawOptions();
  }

  setOption(_level: number, _option: number, _value: Uint8Array): never {
    throw this.#noRawOptions();
  }

  close(): void {
    const { readiness } = this.#endpoint;
    if (readiness.closed) return;
    const { registry } = readiness;
    readiness.close();
    registry?.[forget](this);
    unwatchOrigin(this.#endpoint);
    this.#endpoint.release();
  }

  [Symbol.dispose](): void {
    this.close();
  }

  /** The inside of a source that is open. @throws `EVLOOP_CLOSED`. */
  protected get open(): E {
    const endpoint = this.#endpoint;
    if (endpoint.readiness.closed) endpoint.readiness.checkOpen();
    return endpoint;
  }

  #noRawOptions(): Error {
    return this.open && unsupportedError('node:net takes no options by number');
  }
}
