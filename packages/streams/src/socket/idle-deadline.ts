import { Deadline, type Deadlines } from '@evloop/service';

/** What hears of an idle timeout. */
export interface IdleOwner {
  emit(event: 'timeout'): boolean;
}

/** The idle timeout of one socket. */
export class IdleDeadline extends Deadline {
  readonly #owner: IdleOwner;
  #ms = Infinity;

  constructor(deadlines: Deadlines, owner: IdleOwner) {
    super(deadlines);
    this.#owner = owner;
  }

  /** Sets the length, in milliseconds, and begins anew. */
  start(ms: number): void {
    this.#ms = ms;
    this.touch(ms);
  }

  /** Something has happened. */
  refresh(): void {
    if (this.#ms < Infinity) this.touch(this.#ms);
  }

  override expired(): void {
    this.#owner.emit('timeout');
  }
}
