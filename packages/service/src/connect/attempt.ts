import { type Event, Interest, type TcpStream, WouldBlock } from '@evloop/core';
import { Attachment } from '../loop/attachment.ts';
import type { Loop } from '../loop/loop.ts';

/** What hears how an attempt has ended. */
export interface AttemptOwner {
  connected(attempt: Attempt): void;
  failed(attempt: Attempt, error: Error): void;
}

/** The address of one attempt. */
export interface AttemptTarget {
  readonly address: string;
  readonly port: number;
}

/** One attempt to connect, which is under way. */
export class Attempt extends Attachment {
  readonly stream: TcpStream;
  /** Where it connects to. */
  readonly target: AttemptTarget;
  readonly #owner: AttemptOwner;

  constructor(loop: Loop, stream: TcpStream, target: AttemptTarget, owner: AttemptOwner) {
    super(loop, stream, Interest.READABLE | Interest.WRITABLE);
    this.stream = stream;
    this.target = target;
    this.#owner = owner;
  }

  override onReady(_event: Event): void {
    try {
      if (this.stream.finishConnect() === WouldBlock) return;
    } catch (error) {
      this.#owner.failed(this, error as Error);
      return;
    }
    this.#owner.connected(this);
  }

  /** Gives the attempt up. */
  close(): void {
    this.stream.close();
    this.forget();
  }
}
