import type { Socket } from 'node:dgram';
import { EventEmitter } from 'node:events';
import {
  DatagramBatch,
  Readiness,
  Ready,
  type Source,
  type SystemError,
  WouldBlock,
} from '@evloop/core';
import { systemError } from '@evloop/core/backend';
import { expect, test } from 'vitest';
import { fillBatch } from '../src/batch.ts';
import { Endpoint } from '../src/endpoint.ts';
import { ReceiveQueue } from '../src/receive-queue.ts';
import { sendOne } from '../src/send.ts';

type Sent = (error: Error | null) => void;

/** A dgram socket whose kernel takes nothing until told, and whose connections take their time. */
class SlowSocket extends EventEmitter {
  readonly sent: { bytes: Uint8Array; port: unknown; done: Sent }[] = [];
  closed = false;
  connected: (() => void) | undefined;
  linked = false;

  unref(): void {}
  send(bytes: Uint8Array, ...rest: unknown[]): void {
    this.sent.push({ bytes, port: rest[0], done: rest.at(-1) as Sent });
  }
  getSendQueueCount(): number {
    if (this.closed) throw new Error('it is closed');
    return this.sent.length;
  }
  connect(_port: number, _host: string, done: () => void): void {
    this.connected = () => {
      this.linked = true;
      done();
    };
  }
  disconnect(): void {
    this.linked = false;
  }
  remoteAddress(): void {
    if (!this.linked) throw new Error('not connected');
  }
  close(): void {
    this.closed = true;
  }
  finish(error: Error | null = null): void {
    for (const { done } of this.sent.splice(0)) done(error);
  }
}

const to = { address: '127.0.0.1', port: 9, family: 'IPv4' } as const;
const other = { address: '127.0.0.1', port: 10, family: 'IPv4' } as const;

function setUp(): { slow: SlowSocket; endpoint: Endpoint } {
  const slow = new SlowSocket();
  const queue = new ReceiveQueue(10, 1000);
  return { slow, endpoint: new Endpoint(slow as unknown as Socket, queue, 'IPv4') };
}

test('a datagram that the kernel does not take blocks the next, until it is gone', () => {
  const { slow, endpoint } = setUp();
  const readiness = new Readiness({} as Source);
  const bytes = Uint8Array.of(1, 2, 3);
  expect(sendOne(endpoint, bytes, 0, 3, to)).toBe(3);
  bytes.fill(9);
  expect([...(slow.sent[0]?.bytes ?? [])]).toEqual([1, 2, 3]);
  endpoint.readiness = readiness;
  expect(sendOne(endpoint, bytes, 0, 3, to)).toBe(WouldBlock);
  expect(endpoint.condition & Ready.WRITABLE).toBe(0);
  slow.finish();
  expect(readiness.condition & Ready.WRITABLE).toBe(Ready.WRITABLE);
  expect(sendOne(endpoint, bytes, 0, 3, to)).toBe(3);
});

test('a datagram that waits here goes to the address that it was given', () => {
  const slow = new SlowSocket();
  // As on Deno, whose socket has no count of what it holds.
  Object.assign(slow, { getSendQueueCount: undefined });
  const endpoint = new Endpoint(slow as unknown as Socket, new ReceiveQueue(10, 1000), 'IPv4');
  sendOne(endpoint, Uint8Array.of(1), 0, 1, other);
  const changed = { ...to, port: 9 as number };
  sendOne(endpoint, Uint8Array.of(2), 0, 1, changed);
  changed.port = 99;
  slow.finish();
  expect(slow.sent.map(({ bytes, port }) => [bytes[0], port])).toEqual([[2, to.port]]);
});

test('a sender on an interface that has gone since is received, by batches too', () => {
  const { slow, endpoint } = setUp();
  const gone = { address: 'fe80::1%gone0', port: 9, family: 'IPv6', size: 1 };
  slow.emit('message', Uint8Array.of(1), { ...gone, address: '::1' });
  slow.emit('message', Uint8Array.of(2), gone);
  const batch = new DatagramBatch({ capacity: 4, slotSize: 4 });
  expect(fillBatch(endpoint, batch)).toBe(2);
  expect([batch.address(0).address, batch.address(1).address]).toEqual(['::1', 'fe80::1']);
});

test.each([1, 0])('closing waits for what was taken, with %i bytes too', (size) => {
  const { slow, endpoint } = setUp();
  sendOne(endpoint, Uint8Array.of(1), 0, size, to);
  expect(sendOne(endpoint, Uint8Array.of(1), 0, size, to)).toBe(WouldBlock);
  endpoint.close();
  expect(slow.closed).toBe(false);
  slow.finish();
  expect(slow.closed).toBe(true);
});

test('what the system says about a datagram that was taken is thrown by a later send alone', () => {
  const { slow, endpoint } = setUp();
  sendOne(endpoint, Uint8Array.of(1), 0, 1, to);
  slow.finish(systemError('ENETUNREACH', 'send', to));
  expect(endpoint.take(false, 'recvmsg')).toBeUndefined();
  expect(() => sendOne(endpoint, Uint8Array.of(1), 0, 1, other)).toThrow(
    'send ENETUNREACH 127.0.0.1:9',
  );
  expect(endpoint.failed).toBe(false);
});

test('a refusal that a send was told is thrown by any operation', () => {
  const { slow, endpoint } = setUp();
  sendOne(endpoint, Uint8Array.of(1), 0, 1, to);
  slow.finish(systemError('ECONNREFUSED', 'send', to));
  expect((endpoint.take(false, 'recvmsg') as SystemError).code).toBe('ECONNREFUSED');
});

test('while a connection is on its way sends wait, and strangers are not heard', () => {
  const { slow, endpoint } = setUp();
  endpoint.connect(to);
  expect(sendOne(endpoint, Uint8Array.of(1), 0, 1, undefined)).toBe(WouldBlock);
  slow.emit('message', Uint8Array.of(1), { ...other, size: 1 });
  slow.emit('message', Uint8Array.of(2), { ...to, size: 1 });
  expect([endpoint.queue.length, endpoint.queue.data[0]]).toEqual([1, 2]);
  endpoint.connect(other);
  slow.connected?.();
  expect(endpoint.linked).toBe(false);
  slow.connected?.();
  expect([endpoint.linked, endpoint.peer]).toEqual([true, other]);
  expect(sendOne(endpoint, Uint8Array.of(1), 0, 1, undefined)).toBe(1);
});
