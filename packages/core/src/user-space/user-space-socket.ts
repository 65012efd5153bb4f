import { type Inspect, inspected, inspectSource } from '../diagnostics/inspection.ts';
import { unsupportedError } from '../errors.ts';
import { Interest } from '../interest.ts';
import { LeafSource } from '../registration/leaf-source.ts';
import { Readiness } from '../registration/readiness.ts';
import type { Registrar } from '../registration/registrar.ts';
import { checkSocketOptionName } from '../sockets/socket-option-value.ts';
import type {
  SocketOption,
  SocketOptionName,
  SocketWithOptions,
} from '../sockets/socket-options.ts';
import type { Supports } from '../sockets/supports.ts';
import { registrationOf, type Source } from '../source.ts';
import type { Token } from '../token.ts';

const NO_OPTIONS = 'socket options are not supported by user-space sockets';

/**
 * The common part of all sockets in user space, for backends. It registers by a {@link Readiness}.
 * It lacks what only a system has: urgent data, and options until a backend adds some.
 *
 * {@link UserSpaceListener} and {@link UserSpaceStream} extend it. It holds no resource of the
 * system, so a lost socket needs no cleanup.
 */
export abstract class UserSpaceSocket extends LeafSource implements SocketWithOptions, Disposable {
  /** What follows from this class: a part of the backend's own `supports`. */
  static readonly supports: Pick<
    Supports,
    'priority' | 'rawOptions' | 'tcpStreamOptions' | 'tcpListenerOptions' | 'unixOptions'
  > = Object.freeze({
    priority: false,
    rawOptions: false,
    tcpStreamOptions: [],
    tcpListenerOptions: [],
    unixOptions: [],
  });

  /**
   * The readiness of the socket. Call `set` when it becomes ready, and `clear` when an operation
   * returns `WouldBlock`, and only then.
   */
  readonly readiness: Readiness;

  /** @param Kind another class of readiness, for instance a broken one for a test. */
  constructor(Kind: new (source: Source) => Readiness = Readiness) {
    super();
    this.readiness = new Kind(this);
  }

  get [registrationOf](): Readiness {
    return this.readiness;
  }

  /** What `console.log` prints. */
  [inspected](_depth: number, options: object, inspect?: Inspect): string {
    return inspectSource(this, this.readiness, options, inspect);
  }

  override register(registry: Registrar, token: Token, interest: Interest): void {
    checkInterest(interest);
    super.register(registry, token, interest);
  }

  override reregister(registry: Registrar, token: Token, interest: Interest): void {
    checkInterest(interest);
    super.reregister(registry, token, interest);
  }

  socketOption<N extends SocketOptionName>(name: N): SocketOption<N> {
    this.checkOpen();
    checkSocketOptionName(name, []);
    return this.refuse(NO_OPTIONS);
  }

  setSocketOption<N extends SocketOptionName>(name: N, _value: SocketOption<N>): void {
    this.socketOption(name);
  }

  getOption(_level: number, _option: number, _size?: number): Uint8Array {
    return this.refuse(NO_OPTIONS);
  }

  setOption(_level: number, _option: number, _value: Uint8Array): void {
    this.refuse(NO_OPTIONS);
  }

  abstract close(): void;

  [Symbol.dispose](): void {
    this.close();
  }

  /**
   * Checks that the socket is open. Begin every operation with it. @throws EVLOOP_CLOSED: it is
   * closed.
   */
  protected checkOpen(): void {
    this.readiness.checkOpen();
  }

  /** Rejects an operation that the backend lacks. @throws EVLOOP_UNSUPPORTED, or EVLOOP_CLOSED. */
  protected refuse(why: string): never {
    this.checkOpen();
    throw unsupportedError(why);
  }
}

function checkInterest(interest: Interest): void {
  if ((interest & Interest.PRIORITY) === 0) return;
  throw unsupportedError('Interest.PRIORITY is not supported by user-space sources');
}
