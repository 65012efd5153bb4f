import { type Interest, Ready, type Registrar } from '@evloop/core';
import { findCork } from '../cork/cork.ts';
import { CorkedDatagrams } from '../cork/corked-datagrams.ts';
import { native } from '../native/native.ts';
import { StreamRegistration } from '../socket/stream-registration.ts';

const { EAGAIN, EINTR, EPOLLERR } = native.constants;

/**
 * The registration of a UDP socket: like that of a stream, but an ICMP message is an error of the
 * socket.
 */
export class DatagramRegistration extends StreamRegistration {
  /** Whether ICMP messages are put into the error queue (the option `recvErrors`). */
  reporting = false;
  /** Holds datagrams, on a corked poll. */
  datagrams: CorkedDatagrams | undefined;

  protected override attach(registry: Registrar, interest: Interest): void {
    super.attach(registry, interest);
    const cork = findCork(registry);
    // What the kernel did not take stays with the cork that took it, and comes first.
    const before = this.datagrams?.holding ? this.datagrams : undefined;
    if (before === undefined || before.cork === cork) {
      this.datagrams = before ?? (cork && new CorkedDatagrams(this.fd, cork));
    }
    const { datagrams } = this;
    if (datagrams !== undefined && datagrams.cork === cork) datagrams.registration = this;
  }

  override onPollClosed(): void {
    super.onPollClosed();
    if (this.datagrams === undefined) return;
    this.datagrams.flush();
    this.datagrams.registration = undefined;
    this.datagrams.cork.forget(this);
  }

  override onReady(ready: Ready): void {
    super.onReady(ready);
    if ((ready & Ready.ERROR) !== 0 && this.datagrams !== undefined) this.datagrams.cautious = true;
  }

  override takeQueued(): Ready {
    const { count, reports } = this.errors.drain(this.fd);
    if (count === 0) return 0;
    return reports === 0 ? Ready.PRIORITY : Ready.PRIORITY | Ready.ERROR;
  }

  /**
   * Returns whether to repeat a failed system call: it was interrupted, or it reported an ICMP
   * message that is also in the error queue, and only `recvError` reports those. An error that
   * repeats belongs to the call.
   */
  repeats(result: number, tries: number): boolean {
    if (result === -EINTR) return true;
    if (result === -EAGAIN || !this.reporting || tries > 0) return false;
    return (native.poll(this.fd, 0) & EPOLLERR) !== 0;
  }
}
