import { unsupportedError } from '../errors.ts';
import type { Interest } from '../interest.ts';
import type { DescriptorSelector, WatchedDescriptor } from '../selector.ts';
import type { Source } from '../source.ts';
import type { Token } from '../token.ts';
import type { Ready } from './ready.ts';
import { descriptors, type Registrar } from './registrar.ts';
import { Registration } from './registration.ts';

/**
 * The registration of a source that has a kernel descriptor. It can be registered with registries
 * whose selector takes descriptors (`supports.descriptors`); on others registering is
 * `EVLOOP_UNSUPPORTED`.
 *
 * The kernel does the edges; see epoll(7). The state is guarded by {@link Registration}, so that a
 * {@link DescriptorSelector} is never asked for something twice, or for something that was closed.
 */
export class DescriptorRegistration extends Registration implements WatchedDescriptor {
  /** The descriptor. It must stay open, and be the same open file, until `close()` was called. */
  readonly fd: number;
  key = -1;

  constructor(source: Source | undefined, fd: number) {
    super(source);
    this.fd = fd;
  }

  onReady(_ready: Ready): void {}

  /**
   * For the selector alone: the kernel reported an error, which of sockets may mean entries of the
   * error queue. Takes these out of the kernel, which would report them without end.
   *
   * @returns what they mean; 0 when there were none.
   */
  takeQueued(): Ready {
    return 0;
  }

  onPollClosed(): void {}

  onRetry(): void {}

  /**
   * For sources: has current readiness reported anew after a while, if registered. See
   * {@link DescriptorSelector.retry}.
   */
  retry(): void {
    this.registry?.[descriptors]?.retry(this);
  }

  protected attach(registry: Registrar, _token: Token, interest: Interest): void {
    descriptorsOf(registry).add(this, interest);
  }

  protected modify(registry: Registrar, _token: Token, interest: Interest): void {
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
