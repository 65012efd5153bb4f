import { unsupportedError } from '../errors.ts';
import type { Interest } from '../interest.ts';
import type { DescriptorSelector, WatchedDescriptor } from '../selector.ts';
import type { Source } from '../source.ts';
import type { Ready } from './ready.ts';
import { descriptors, type Registrar } from './registrar.ts';
import { Registration } from './registration.ts';

/**
 * The registration of a source with a kernel descriptor. It works with registries whose selector
 * takes descriptors (`supports.descriptors`). On others, registering throws `EVLOOP_UNSUPPORTED`.
 *
 * The kernel makes the edges: see epoll(7). {@link Registration} guards the state. So a {@link
 * DescriptorSelector} never gets the same request twice, and no request after the close.
 */
export class DescriptorRegistration extends Registration implements WatchedDescriptor {
  /** The descriptor. It must stay open, and be the same open file, until `close()` is called. */
  readonly fd: number;
  key = -1;

  constructor(source: Source | undefined, fd: number) {
    super(source);
    this.fd = fd;
  }

  onReady(_ready: Ready): void {}

  /**
   * For the selector alone, after the kernel reported an error. On sockets, this may mean entries
   * in the error queue. Takes them out of the kernel, which would otherwise report them without
   * end.
   *
   * @returns their readiness bits; 0 if there were no entries.
   */
  takeQueued(): Ready {
    return 0;
  }

  onPollClosed(): void {}

  onRetry(): void {}

  /**
   * For sources: reports current readiness again after a while, if registered. See {@link
   * DescriptorSelector.retry}.
   */
  retry(): void {
    this.registry?.[descriptors]?.retry(this);
  }

  protected attach(registry: Registrar, interest: Interest): void {
    descriptorsOf(registry).add(this, interest);
  }

  protected modify(registry: Registrar, interest: Interest): void {
    descriptorsOf(registry).modify(this, interest);
  }

  protected detach(registry: Registrar): void {
    descriptorsOf(registry).remove(this);
  }
}

function descriptorsOf(registry: Registrar): DescriptorSelector {
  if (registry[descriptors] === undefined) {
    throw unsupportedError(
      'descriptors are not supported by this registry: use the poll of a kernel backend',
    );
  }
  return registry[descriptors];
}
