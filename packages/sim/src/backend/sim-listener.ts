import { Ready, type Source, WouldBlock } from '@evloop/core';
import { UserSpaceListener } from '@evloop/core/backend';
import type { Closable, Process } from '../host/process.ts';
import { SimReadiness, type SimSource } from './sim-readiness.ts';
import type { SimStream } from './sim-stream.ts';

/** A listener of a simulated process: what TCP and Unix listeners have in common. */
export abstract class SimListener<Stream extends SimStream<Address>, Address>
  extends UserSpaceListener<Stream, Address>
  implements SimSource, Closable
{
  readonly process: Process;
  /** What traces tell sources apart by. */
  readonly serial: number;

  constructor(process: Process, local: Address, syscall: string) {
    super(local, SimReadiness as new (source: Source) => SimReadiness);
    this.process = process;
    this.serial = process.simulation.nextSerial();
    process.checkAlive();
    process.descriptors.take(syscall);
  }

  /** For subclasses, as the end of construction: gives the place back when `bind` throws. */
  protected listen(bind: () => void): void {
    try {
      bind();
    } catch (error) {
      this.process.descriptors.release();
      throw error;
    }
    this.process.open.add(this);
    this.process.operation(this, 'listen', 0);
  }

  get label(): string {
    return `listener on ${JSON.stringify(this.local)}`;
  }

  /** The connections that wait. */
  get unread(): number {
    return this.queue.length;
  }

  get endUnread(): boolean {
    return false;
  }

  kill(): void {
    this.close();
  }

  override accept(): Stream | WouldBlock {
    this.checkOpen();
    const first = this.queue[0];
    if (first !== undefined) this.#takePlace(first);
    const stream = super.accept();
    if (stream === WouldBlock) this.process.wouldBlock();
    this.process.operation(this, 'accept', stream === WouldBlock ? WouldBlock : 1);
    return stream;
  }

  // The connection goes on waiting, and is reported again when there is room.
  #takePlace(stream: Stream): void {
    try {
      stream.take('accept');
    } catch (error) {
      this.process.descriptors.whenFree(() => {
        if (!this.readiness.closed && this.queue.length > 0) this.readiness.pulse(Ready.READABLE);
      });
      this.process.operation(this, 'accept EMFILE', 0);
      // To try again at once is as busy as to try again after a would-block.
      this.process.wouldBlock();
      throw error;
    }
  }

  /** For subclasses: it was closed. */
  protected released(): void {
    this.process.open.delete(this);
    this.process.descriptors.release();
  }
}
