import { Ready } from '@evloop/core';
import { native } from '../native/native.ts';
import { StreamRegistration } from '../socket/stream-registration.ts';

const { EAGAIN, EINTR, EPOLLERR } = native.constants;

/**
 * The registration of a UDP socket: as that of a stream, but an ICMP message is an error of the
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
   * Whether to repeat a system call that failed: it was interrupted, or it reported an ICMP message
   * that the error queue has, too, and that `recvError` alone reports. What fails again is an error
   * of the call.
   */
  repeats(result: number, tries: number): boolean {
    if (result === -EINTR) return true;
    if (result === -EAGAIN || !this.reporting || tries > 0) return false;
    return (native.poll(this.fd, 0) & EPOLLERR) !== 0;
  }
}
