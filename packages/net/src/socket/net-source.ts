import {
  Interest,
  type Readiness,
  type Registrar,
  type SocketOption,
  type SocketOptionName,
  type SocketWithOptions,
  type Token,
} from '@evloop/core';
import {
  forget,
  type Inspect,
  inspected,
  inspectSource,
  LeafSource,
  registrationOf,
  unsupportedError,
  unwatchOrigin,
  watchOrigin,
} from '@evloop/core/backend';
import type { Endpoint } from './endpoint.ts';

/**
 * The half of a socket that the program holds: registration, options, closing, and the watch for
 * lost sources. The rest is in its endpoint.
 */
export abstract class NetSource<E extends Endpoint>
  extends LeafSource
  implements SocketWithOptions, Disposable
{
  readonly #endpoint: E;

  constructor(endpoint: E) {
    super();
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

  override register(registry: Registrar, token: Token, interest: Interest): void {
    this.#checkInterest(interest);
    super.register(registry, token, interest);
  }

  override reregister(registry: Registrar, token: Token, interest: Interest): void {
    this.#checkInterest(interest);
    super.reregister(registry, token, interest);
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

  /** The endpoint of an open source. @throws EVLOOP_CLOSED: the source is closed. */
  protected get open(): E {
    const endpoint = this.#endpoint;
    if (endpoint.readiness.closed) endpoint.readiness.checkOpen();
    return endpoint;
  }

  #noRawOptions(): Error {
    return this.open && unsupportedError('socket options by number are not supported by node:net');
  }

  #checkInterest(interest: Interest): void {
    if (this.open && (interest & Interest.PRIORITY) !== 0) {
      throw unsupportedError('Interest.PRIORITY is not supported by node:net');
    }
  }
}
