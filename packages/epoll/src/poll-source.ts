import { type DescriptorSelector, Interest } from '@evloop/core';
import { native } from './native.ts';
import { WakeRegistration } from './shared-wake.ts';
import { SourceFd } from './source-fd.ts';
import { check } from './system-error.ts';

const ONE = new Uint8Array(BigUint64Array.of(1n).buffer);

/**
 * A poll as a source in another: its epoll descriptor is readable while it has something to report. What is ready in user space is made known
 * to the kernel through an eventfd in the set.
 */
export class PollSource extends SourceFd {
  readonly #attention: number;

  constructor(epfd: number, set: DescriptorSelector) {
    super(epfd);
    this.#attention = check(native.eventfd(0), 'eventfd');
    set.add(new WakeRegistration(this.#attention, () => {}), Interest.READABLE);
  }

  /** There is something to report in user space. */
  attend(): void {
    native.write(this.#attention, ONE, 0, ONE.length);
  }

  override close(): void {
    super.close();
    native.close(this.#attention);
  }
}
