import { type Interest, Mode, Ready, type Registrar, type SyscallCounts } from '@evloop/core';
import { DescriptorRegistration, descriptors, isEdge } from '@evloop/core/backend';
import { type Cork, findCork } from '../cork/cork.ts';
import { CorkedStream } from '../cork/corked-stream.ts';
import { ErrorQueue } from './error-queue.ts';

/**
 * What may follow on data, and means that a short read is not a drain, and a partial write not a
 * full buffer.
 */
const DISQUIET = ~(Ready.READABLE | Ready.WRITABLE);

const NOBODY: SyscallCounts = { made: 0, saved: 0 };

/**
 * The registration of a TCP stream, which remembers what it has drained.
 *
 * After a short read the receive queue was empty, and new data is a new edge, so that the read
 * which rule 1 demands next can answer would-block without asking the kernel; after a partial write
 * likewise. It holds once, and only while the event is certain to come: registered edge-triggered
 * for that direction, not exclusively (which hides ends and urgent data, and may tell another
 * poll), and with no end, error or urgent data seen, since those end a transfer early or arrive
 * without another edge.
 */
export class StreamRegistration extends DescriptorRegistration {
  /** The last read was short. */
  drained = false;
  /** The last write was partial. */
  full = false;
  /** Where the system calls of the stream are counted: those of its poll, or of nobody. */
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

  /** How many entries of the error queue were dropped. */
  get errorDrops(): number {
    return this.#queue?.drops ?? 0;
  }

  override takeQueued(): Ready {
    return this.errors.drain(this.fd).count > 0 ? Ready.PRIORITY : 0;
  }

  /** Whether a short transfer in the direction of `interest` can be relied upon. */
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

  /** A side was shut down: what follows is another answer than would-block. */
  onShutdown(): void {
    this.#forget(false);
  }

  // Bytes that the kernel did not take stay with the cork that took them, and come first.
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
