import { Token } from '@evloop/core';
import type { Attachment } from './attachment.ts';

/** The attachments of a loop. Their tokens are indices, and are used again. */
export class AttachmentTable {
  /** By token. The first is that of the loop's own waker. */
  readonly list: (Attachment | undefined)[] = [undefined];
  readonly #free: Token[] = [];

  get size(): number {
    return this.list.length - 1 - this.#free.length;
  }

  /** Adds an attachment, and returns its token. */
  add(attachment: Attachment): Token {
    const token = this.#free.pop() ?? Token(this.list.length);
    this.list[token] = attachment;
    return token;
  }

  /** Takes one out. */
  remove(token: Token): void {
    this.list[token] = undefined;
    this.#free.push(token);
  }
}
