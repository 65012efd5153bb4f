import {
  Readiness,
  type SocketOption,
  type SocketOptionName,
  type SocketOptions,
} from '@evloop/core';
import {
  checkSocketOptionName,
  checkSocketOptionValue,
  LeafSource,
  type Leftover,
  type Origin,
  registrationOf,
} from '@evloop/core/backend';
import { checkPossible, rememberedOption } from './socket-options.ts';

const NOTHING: SocketOptions = Object.freeze({});

/**
 * The inside of a source: what Node's handle holds by way of its listeners.
 *
 * It does not know the public object around it, so that one that the program has lost can be
 * collected although the handle lives on, and be closed then. Even its readiness has the inside as
 * its source; only the registry holds the outside.
 */
export abstract class Endpoint extends LeafSource implements Leftover {
  readonly origin: Origin;
  readonly readiness: Readiness = new Readiness(this);
  /**
   * The options that were set. Replaced, never changed: those of a listener are shared by all that
   * it has accepted.
   */
  protected optionValues: SocketOptions = NOTHING;

  constructor(origin: Origin) {
    super();
    this.origin = origin;
  }

  get [registrationOf](): Readiness {
    return this.readiness;
  }

  /** The option `name`, as it was set. */
  option<N extends SocketOptionName>(name: N): SocketOption<N> {
    checkSocketOptionName(name, this.optionNames);
    return rememberedOption(this.optionValues, name);
  }

  setOption<N extends SocketOptionName>(name: N, value: SocketOption<N>): void {
    checkSocketOptionName(name, this.optionNames);
    const checked = checkSocketOptionValue(name, value);
    checkPossible(name, checked);
    this.optionValues = { ...this.optionValues, [name]: checked };
    this.optionChanged(name);
  }

  /** The options that this kind of socket takes. */
  protected get optionNames(): readonly SocketOptionName[] {
    return [];
  }

  /** The option `name` has another value now. */
  protected optionChanged(_name: SocketOptionName): void {}

  /** Closes the handle. Called once. */
  abstract release(): void;
}
