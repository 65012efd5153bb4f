import { Ready } from '@evloop/core';
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
