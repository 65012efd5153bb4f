import type { Ready, Source, WouldBlock } from '@evloop/core';
import { UserSpaceStream } from '@evloop/core/backend';
import type { Closable, Process } from '../host/process.ts';
import { SimReadiness, type SimSource } from './sim-readiness.ts';

/** A stream of a simulated process: what TCP and Unix streams have in common. */
export abstract class SimStream<Address>
  extends UserSpaceStream<Address>
  implements SimSource, Closable
{
  readonly process: Process;
  /** What traces tell sources apart by. */
  readonly serial: number;
  #counted = false;

  constructor(process: Process) {
    super(SimReadiness as new (source: Source) => SimReadiness);
    this.process = process;
    this.serial = process.simulation.nextSerial();
    process.open.add(this);
  }

  /** What a report calls it. */
  abstract get label(): string;
  /** The bytes that wait to be read. */
  abstract get unread(): number;
  /** Whether the peer's end is there to be read. */
  abstract get endUnread(): boolean;

  /** Takes a place in the descriptor table. @throws `EMFILE`. */
  take(syscall: string): void {
    this.process.descriptors.take(syscall);
    this.#counted = true;
  }

  /** Takes a place, and opens. Gives the place back when opening fails. */
  begin(syscall: string, open: () => void): void {
    try {
      this.take(syscall);
      open();
    } catch (error) {
      this.readiness.close();
      this.released();
      throw error;
    }
    this.process.operation(this, 'connect', 0);
  }

  kill(): void {
    this.close();
  }

  override read(buffer: Uint8Array, offset = 0, length?: number): number | WouldBlock {
    return this.process.operation(this, 'read', super.read(buffer, offset, length));
  }

  override readv(buffers: readonly Uint8Array[]): number | WouldBlock {
    return this.process.operation(this, 'readv', super.readv(buffers));
  }

  override write(buffer: Uint8Array, offset = 0, length?: number): number | WouldBlock {
    return this.process.operation(this, 'write', super.write(buffer, offset, length));
  }

  override writev(buffers: readonly Uint8Array[]): number | WouldBlock {
    return this.process.operation(this, 'writev', super.writev(buffers));
  }

  override shutdown(how: 'read' | 'write' | 'both'): void {
    super.shutdown(how);
    this.process.operation(this, `shutdown ${how}`, 0);
  }

  /** For subclasses: it was closed. */
  protected released(): void {
    this.process.open.delete(this);
    if (!this.#counted) return;
    this.#counted = false;
    this.process.descriptors.release();
  }

  protected override block(direction: Ready): WouldBlock {
    this.process.wouldBlock();
    return super.block(direction);
  }
}
