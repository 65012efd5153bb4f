import assert from 'node:assert/strict';
import { test } from 'vitest';
import { UserSpaceDatagram } from '../src/backend.ts';
import { type SocketAddress, toSocketAddress, WouldBlock } from '../src/index.ts';

const PEER = toSocketAddress('127.0.0.1:2');

/** A socket whose network keeps two datagrams, and takes one at a time. */
class Memory extends UserSpaceDatagram {
  readonly sent: [string, number][] = [];
  room = 2;
  takes = true;

  constructor(options = {}) {
    super(toSocketAddress('127.0.0.1:1'), options);
    this.writable();
  }
  arrive(text: string): void {
    this.deliver(Buffer.from(text), PEER);
  }
  protected hasRoom(): boolean {
    return this.room-- > 0;
  }
  protected made(): void {
    this.room++;
  }
  protected transmit(data: Uint8Array, to: SocketAddress): boolean {
    if (this.takes) this.sent.push([Buffer.from(data).toString(), to.port]);
    return this.takes;
  }
  protected release(): void {}
}

test('what the queue has no room for is dropped and counted', () => {
  const socket = new Memory();
  for (const text of ['one', 'two', 'three']) socket.arrive(text);
  const buffer = new Uint8Array(2);
  assert.deepEqual(socket.recvFrom(buffer), { size: 2, address: PEER, truncated: true });
  assert.equal(socket.recv(buffer), 2);
  assert.equal(socket.recv(buffer), WouldBlock);
  assert.equal(socket.counters().queueDrops, 1);
});

test('bytes are the caller’s again, and what cannot be taken would block', () => {
  const socket = new Memory();
  const buffer = Buffer.from('abc');
  assert.equal(socket.sendTo(buffer, PEER), 3);
  buffer.fill(0);
  assert.deepEqual(socket.sent, [['abc', 2]]);
  socket.takes = false;
  assert.equal(socket.sendTo(buffer, PEER), WouldBlock);
});

test('options out of range throw, and change nothing', () => {
  assert.throws(() => new Memory({ socket: { recvBufferSize: 0 } }), RangeError);
  const socket = new Memory();
  assert.throws(
    () => socket.setTtl(0),
    /invalid hop limit: 0 \(expected an integer from 1 to 255\)/,
  );
  assert.equal(socket.ttl(), 64);
  assert.throws(() => socket.joinMulticastV4('10.0.0.1'), { code: 'EINVAL' });
  assert.throws(() => socket.leaveMulticastV4('224.0.0.1'), { code: 'EADDRNOTAVAIL' });
  socket.joinMulticastV4('224.0.0.1');
  assert.throws(() => socket.joinMulticastV4('224.0.0.1'), { code: 'EADDRINUSE' });
});
