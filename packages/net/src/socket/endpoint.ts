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
 * The half of a socket that Node's handle references, through its listeners. It may outlive the
 * program's object, its {@link NetSource}.
 *
 * An endpoint never references its source. So a source that the program has lost can be collected,
 * although the handle lives on, and the handle is then closed. The readiness has the endpoint as
 * its source; only the registry holds the program's object.
 */
export abstract class Endpoint extends LeafSource implements Leftover {
  readonly origin: Origin;
  readonly readiness: Readiness = new Readiness(this);
  /**
   * The options that were set. Replaced, never changed: a listener shares them with its accepted
   * streams.
   */
  protected optionValues: SocketOptions = NOTHING;

  constructor(origin: Origin) {
    super();
    this.origin = origin;
  }

  get [registrationOf](): Readiness {
    return this.readiness;
  }

  /** Returns the option `name`, as it was set. */
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

  /** The options that this kind of socket has. */
  protected get optionNames(): readonly SocketOptionName[] {
    return [];
  }

  /** Called when the option `name` has a new value. */
  protected optionChanged(_name: SocketOptionName): void {}

  /** Closes the handle. Called once. */
  abstract release(): void;
}
