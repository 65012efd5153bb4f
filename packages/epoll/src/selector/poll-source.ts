import { Interest } from '@evloop/core';
import {
  DescriptorRegistration,
  type DescriptorSelector,
  registrationOf,
} from '@evloop/core/backend';
import { SourceFd } from '../descriptor/source-fd.ts';
import { check } from '../native/errno-error.ts';
import { native } from '../native/native.ts';
import { WakeRegistration } from './shared-wake.ts';

const ONE = new Uint8Array(BigUint64Array.of(1n).buffer);

/**
 * A poll as a source of another one: its epoll descriptor is readable while it has something to
 * report. An eventfd in the set tells the kernel about readiness in user space.
 */
export class PollSource extends SourceFd {
  readonly #set: DescriptorSelector;
  readonly #attention: WakeRegistration;

  constructor(epfd: number, set: DescriptorSelector) {
    super(epfd);
    this.#set = set;
    this.#attention = new WakeRegistration(check(native.eventfd(0), 'eventfd'), () => {});
    try {
      set.add(this.#attention, Interest.READABLE);
    } catch (error) {
      native.close(this.#attention.fd);
      throw error;
    }
  }

  get closed(): boolean {
    return this[registrationOf].closed;
  }

  /** Reports that user space has something to report. */
  attend(): void {
    if (!this.closed) native.write(this.#attention.fd, ONE, 0, ONE.length);
  }

  /** Reports that this poll must be asked again after a while: it has something to retry. */
  retry(): void {
    this[registrationOf].retry();
  }

  protected override createRegistration(fd: number): DescriptorRegistration {
    return new NestedRegistration(this, fd);
  }

  override close(): void {
    if (this.closed) return;
    super.close();
    this.#set.remove(this.#attention);
    native.close(this.#attention.fd);
  }
}

class NestedRegistration extends DescriptorRegistration {
  readonly #nested: PollSource;

  constructor(nested: PollSource, fd: number) {
    super(nested, fd);
    this.#nested = nested;
  }

  override onRetry(): void {
    this.#nested.attend();
  }
}
