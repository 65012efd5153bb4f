import { DatagramBatch, Interest, Token, WouldBlock } from '@evloop/core';
import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { UdpSocket } from '../../src/index.ts';
import { native } from '../../src/native/native.ts';
import { watched } from '../support/fixture.ts';

const { F_DUPFD_CLOEXEC } = native.constants;

const OPERATIONS = [
  'send one',
  'send many',
  'poll',
  'batch',
  'drain',
  'receive',
  'peek',
  'reregister',
  'register anew',
  'refusal',
  'take error',
  'shrink the buffer',
  'another reader',
] as const;
type Operation = (typeof OPERATIONS)[number];

/**
 * A socket that is drained by batches, whose answers the registration remembers, and everything
 * that happens to it meanwhile.
 */
class World {
  readonly socket: UdpSocket = UdpSocket.bind('127.0.0.1:0');
  readonly peer: UdpSocket = UdpSocket.bind('127.0.0.1:0');
  /** The same open file: another process could hold it. */
  readonly twin: UdpSocket = UdpSocket.fromFd(native.fcntl(this.socket.fd, F_DUPFD_CLOEXEC, 0));
  readonly watched: ReturnType<typeof watched> = watched(
    Interest.READABLE | Interest.WRITABLE,
    this.socket,
  );
  readonly #batch = new DatagramBatch({ capacity: 4, slotSize: 8 });
  /** The program owes a drain: it was told, and has not seen `WouldBlock`. */
  #owing = true;

  run(operation: Operation): void {
    const { socket, watched } = this;
    const { registry } = watched.poll;
    const interest = Interest.READABLE | Interest.WRITABLE;
    const buffer = new Uint8Array(8);
    const operations: Record<Operation, () => void> = {
      'send one': () => this.#send(1),
      'send many': () => this.#send(9),
      poll: () => this.#poll(),
      batch: () => this.#receive(() => socket.recvBatch(this.#batch)),
      drain: () => this.#drain(),
      receive: () => this.#receive(() => socket.recv(buffer)),
      peek: () => this.#receive(() => socket.peek(buffer)),
      reregister: () => registry.reregister(socket, Token(1), interest),
      'register anew': () => {
        registry.deregister(socket);
        registry.register(socket, Token(2), interest);
      },
      refusal: () => this.#refuse(),
      'take error': () => socket.takeError(),
      'shrink the buffer': () => socket.setSocketOption('recvBufferSize', 2048),
      'another reader': () => this.#attempt(() => this.twin.recv(buffer)),
    };
    operations[operation]();
    // What is there is reported anew.
    if (operation === 'reregister' || operation === 'register anew') this.#owing = false;
  }

  /**
   * Does what a program does that keeps the rule, until nothing is reported. Returns how many
   * datagrams are left then.
   */
  settle(): number {
    do {
      if (this.#owing) this.#drain();
      this.#poll();
    } while (this.#owing);
    let left = 0;
    while (this.socket.recv(new Uint8Array(8)) !== WouldBlock) left++;
    return left;
  }

  close(): void {
    for (const each of [this.socket, this.peer, this.twin, this.watched.poll]) each.close();
  }

  #send(count: number): void {
    for (let i = 0; i < count; i++) this.peer.sendTo(Uint8Array.of(i), this.socket.localAddr());
  }

  #poll(): void {
    const { poll, events } = this.watched;
    poll.pollSync(events, 0);
    for (const { readable, error } of events) if (readable || error) this.#owing = true;
  }

  #receive(receive: () => number | WouldBlock): void {
    this.#attempt(() => {
      if (receive() === WouldBlock) this.#owing = false;
    });
  }

  #drain(): void {
    this.#owing = true;
    while (this.#owing) this.#receive(() => this.socket.recvBatch(this.#batch));
  }

  /** The peer’s port is dead for a moment, so that an error waits beside what is queued. */
  #refuse(): void {
    const dead = UdpSocket.bind('127.0.0.1:0');
    const address = dead.localAddr();
    dead.close();
    this.socket.connect(address);
    this.#attempt(() => this.socket.send(Uint8Array.of(1)));
    this.socket.disconnect();
  }

  #attempt(operation: () => unknown): void {
    try {
      operation();
    } catch (error) {
      expect(error).toMatchObject({ code: 'ECONNREFUSED' });
    }
  }
}

test('whatever happens between two drains by batches, what arrives later is reported', () => {
  fc.assert(
    fc.property(fc.array(fc.constantFrom(...OPERATIONS), { maxLength: 40 }), (operations) => {
      const world = new World();
      try {
        for (const operation of operations) world.run(operation);
        expect(world.settle()).toBe(0);
      } finally {
        world.close();
      }
    }),
    { numRuns: 1000 },
  );
});
