import type { RemoteInfo } from 'node:dgram';

/**
 * A bounded queue of datagrams. If a datagram does not fit, it is dropped and counted, as in the
 * kernel.
 */
export class ReceiveQueue {
  /** Datagrams that were dropped. */
  drops = 0;
  length = 0;
  readonly #mostDatagrams: number;
  readonly #mostBytes: number;
  // A ring: shifting an array costs its length, and emptying one discards its memory.
  #data: (Uint8Array | undefined)[] = new Array(16).fill(undefined);
  #senders: (RemoteInfo | undefined)[] = new Array(16).fill(undefined);
  #head = 0;
  #bytes = 0;

  constructor(mostDatagrams: number, mostBytes: number) {
    this.#mostDatagrams = mostDatagrams;
    this.#mostBytes = mostBytes;
  }

  push(data: Uint8Array, sender: RemoteInfo): void {
    const bytes = this.#bytes + data.length;
    if (this.length > 0 && (this.length >= this.#mostDatagrams || bytes > this.#mostBytes)) {
      this.drops++;
      return;
    }
    if (this.length === this.#data.length) this.#grow();
    const at = (this.#head + this.length++) & (this.#data.length - 1);
    this.#data[at] = data;
    this.#senders[at] = sender;
    this.#bytes = bytes;
  }

  /** The oldest datagram. The queue must not be empty. */
  get data(): Uint8Array {
    return this.#data[this.#head] as Uint8Array;
  }

  /** The sender of the oldest datagram. */
  get sender(): RemoteInfo {
    return this.#senders[this.#head] as RemoteInfo;
  }

  shift(): void {
    const head = this.#head;
    this.#bytes -= (this.#data[head] as Uint8Array).length;
    this.#data[head] = undefined;
    this.#senders[head] = undefined;
    this.#head = (head + 1) & (this.#data.length - 1);
    this.length--;
  }

  clear(): void {
    while (this.length > 0) this.shift();
  }

  #grow(): void {
    const inOrder = <T>(ring: T[]): T[] => [
      ...ring.slice(this.#head),
      ...ring.slice(0, this.#head),
      ...new Array(ring.length).fill(undefined),
    ];
    this.#data = inOrder(this.#data);
    this.#senders = inOrder(this.#senders);
    this.#head = 0;
  }
}
