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
 * What all sockets in user space have in common, for backends: they register by a
 * {@link Readiness}, and have nothing that only a system has: no urgent data, and no options until
 * a backend adds some.
 *
 * {@link UserSpaceListener} and {@link UserSpaceStream} go on from here. Nothing of the system's is
 * held, so that a socket that is lost needs no care.
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
   * To be told what is ready: `set`, and `clear` when, and only when, an operation answers
   * `WouldBlock`.
   */
  readonly readiness: Readiness;

  /** @param Kind another kind of readiness: one that looks on, or one that is wrong, for a test. */
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

  /** To begin every operation with. @throws `EVLOOP_CLOSED`. */
  protected checkOpen(): void {
    this.readiness.checkOpen();
  }

  /** An operation that there is not. @throws `EVLOOP_UNSUPPORTED`, or `EVLOOP_CLOSED`. */
  protected refuse(why: string): never {
    this.checkOpen();
    throw unsupportedError(why);
  }
}

function checkInterest(interest: Interest): void {
  if ((interest & Interest.PRIORITY) === 0) return;
  throw unsupportedError('Interest.PRIORITY is not supported by user-space sources');
}
