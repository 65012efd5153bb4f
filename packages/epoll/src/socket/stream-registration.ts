import { type Interest, Mode, Ready, type Registrar, type SyscallCounts } from '@evloop/core';
import { DescriptorRegistration, descriptors, isEdge } from '@evloop/core/backend';
import { type Cork, findCork } from '../cork/cork.ts';
import { CorkedStream } from '../cork/corked-stream.ts';
import { ErrorQueue } from './error-queue.ts';

/**
 * The bits after which data may follow without another edge. With them, a short read is not a
 * drain, and a partial write is not a full buffer.
 */
const DISQUIET = ~(Ready.READABLE | Ready.WRITABLE);

const NOBODY: SyscallCounts = { made: 0, saved: 0 };

/**
 * The registration of a TCP stream, which remembers that the stream is drained.
 *
 * After a short read, the receive queue was empty, and new data is a new edge. So the next read,
 * which rule 1 demands, can return would-block without a system call. The same holds for a partial
 * write. This is valid once, and only while the edge is certain:
 *
 * - The stream is registered edge-triggered for that direction.
 * - It is not registered exclusively: that hides ends and urgent data, and may wake another poll.
 * - No end, error or urgent data was seen: those end a transfer early, or arrive without another
 *   edge.
 */
export class StreamRegistration extends DescriptorRegistration {
  /** Whether the last read was short. */
  drained = false;
  /** Whether the last write was partial. */
  full = false;
  /**
   * The counters for the stream's system calls: those of its poll, or shared ones that are never
   * read.
   */
  syscalls: SyscallCounts = NOBODY;
  /** Holds writes, on a corked poll. */
  corked: CorkedStream | undefined;
  #quiet = false;
  #queue: ErrorQueue | undefined;

  /** The error queue of the socket. */
  get errors(): ErrorQueue {
    this.#queue ??= new ErrorQueue();
    return this.#queue;
  }

  /** The number of dropped entries of the error queue. */
  get errorDrops(): number {
    return this.#queue?.drops ?? 0;
  }

  override takeQueued(): Ready {
    return this.errors.drain(this.fd).count > 0 ? Ready.PRIORITY : 0;
  }

  /**
   * Returns whether a short transfer in this direction means that the stream is drained or full, so
   * that the next call needs no system call.
   */
  relies(interest: Interest): boolean {
    return this.#quiet && (this.interest & interest) !== 0;
  }

  override onReady(ready: Ready): void {
    this.drained = false;
    this.full = false;
    if ((ready & DISQUIET) === 0) return;
    this.#quiet = false;
    if (this.corked !== undefined) this.corked.established = false;
  }

  protected override attach(registry: Registrar, interest: Interest): void {
    super.attach(registry, interest);
    const cork = findCork(registry);
    if (cork !== undefined || this.corked !== undefined) this.#attachCork(cork);
    this.syscalls = registry[descriptors]?.syscalls ?? NOBODY;
    this.#forget(isCertain(interest));
  }

  protected override modify(registry: Registrar, interest: Interest): void {
    super.modify(registry, interest);
    this.#forget(isCertain(interest));
  }

  protected override detach(registry: Registrar): void {
    super.detach(registry);
    this.onPollClosed();
  }

  override onPollClosed(): void {
    this.syscalls = NOBODY;
    if (this.corked !== undefined) this.#detachCork(this.corked);
    this.#forget(false);
  }

  /** Called when a side was shut down: the next call returns something other than would-block. */
  onShutdown(): void {
    this.#forget(false);
  }

  // Bytes that the kernel did not take stay in the cork that holds them, and are sent first.
  #attachCork(cork: Cork | undefined): void {
    const before = this.corked?.holding ? this.corked : undefined;
    if (before === undefined || before.cork === cork) {
      this.corked = before ?? (cork && new CorkedStream(this.fd, cork));
    }
    const { corked } = this;
    if (corked !== undefined && corked.cork === cork) corked.registration = this;
  }

  #detachCork(corked: CorkedStream): void {
    corked.registration = undefined;
    corked.established = false;
    corked.flush();
    corked.cork.forget(this);
  }

  #forget(quiet: boolean): void {
    this.drained = false;
    this.full = false;
    this.#quiet = quiet;
  }
}

function isCertain(interest: Interest): boolean {
  return isEdge(interest) && (interest & Mode.EXCLUSIVE) === 0;
}
