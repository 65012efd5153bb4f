// Datagram sockets that are wrong in one way each. Each is caught by the chapter that is named beside it.
import assert from 'node:assert/strict';
import * as core from '@evloop/core';
import { test } from 'vitest';
import { firstFailure } from './first-failure.ts';
import { type Datagram, MemoryUdpSocket } from './minimal-datagram.ts';

type Got = core.ReceivedDatagram | core.WouldBlock;

class TruncationUnsaid extends MemoryUdpSocket {
  override peekFrom(buffer: Uint8Array, offset?: number, length?: number): Got {
    const got = super.peekFrom(buffer, offset, length);
    this.truncated = false;
    return got === core.WouldBlock ? got : { ...got, truncated: false };
  }
}

class PreviousSender extends MemoryUdpSocket {
  #last: core.SocketAddress | undefined;

  override recvFrom(buffer: Uint8Array, offset?: number, length?: number): Got {
    const got = super.recvFrom(buffer, offset, length);
    if (got === core.WouldBlock) return got;
    const address = this.#last ?? got.address;
    this.#last = got.address;
    return { ...got, address };
  }
}

class EmptyOnesLost extends MemoryUdpSocket {
  protected override arrive(datagram: Datagram): void {
    if (datagram.data.length > 0) super.arrive(datagram);
  }
}

class NewestFirst extends MemoryUdpSocket {
  protected override arrive(datagram: Datagram): void {
    super.arrive(datagram);
    this.queue.unshift(...this.queue.splice(-1));
  }
}

class Stream extends MemoryUdpSocket {
  protected override arrive(datagram: Datagram): void {
    const last = this.queue.at(-1);
    super.arrive(datagram);
    if (last === undefined) return;
    const data = Uint8Array.from([...last.data, ...datagram.data]);
    this.queue.splice(-2, 2, { ...last, data });
  }
}

class ConsumingPeek extends MemoryUdpSocket {
  override peek(buffer: Uint8Array, offset?: number, length?: number): number | core.WouldBlock {
    return this.recv(buffer, offset, length);
  }
}

class EdgeLost extends MemoryUdpSocket {
  protected override arrive(datagram: Datagram): void {
    super.arrive(datagram);
    if (datagram.data.length === 0) this.readiness.clear(core.Ready.READABLE);
  }
}

class StrangersAccepted extends MemoryUdpSocket {
  protected override accepts(): boolean {
    return true;
  }
}

class RefusalTwice extends MemoryUdpSocket {
  #times = 0;

  override takeError(): core.SystemError | undefined {
    const error = this.error;
    if (error !== undefined && this.#times++ === 0) return error;
    return super.takeError();
  }
}

class RefusalSwallowed extends MemoryUdpSocket {
  protected override refused(): void {}
}

class PeerForgotten extends MemoryUdpSocket {
  override connect(address: core.SocketAddressLike): void {
    const earlier = this.peer;
    super.connect(address);
    this.peer = earlier ?? this.peer;
  }
}

class StopsEarly extends MemoryUdpSocket {
  override sendBatch(batch: core.DatagramBatch): number {
    const sent = super.sendBatch(batch);
    const rest = batch.length - batch.sent;
    batch.took(rest);
    return sent + rest;
  }
}

class RefusedNotGivenUp extends MemoryUdpSocket {
  override sendBatch(batch: core.DatagramBatch): number {
    const before = batch.sent;
    try {
      return super.sendBatch(batch);
    } catch (error) {
      batch.took(batch.length - before - 1);
      throw error;
    }
  }
}

class BatchTruncationUnsaid extends MemoryUdpSocket {
  override recvBatch(batch: core.DatagramBatch): number | core.WouldBlock {
    const count = super.recvBatch(batch);
    for (let i = 0; i < batch.length; i++) batch.meta[i * core.META_STRIDE + 1] = 0;
    return count;
  }
}

class SegmentsUncut extends MemoryUdpSocket {
  override sendBatch(batch: core.DatagramBatch): number {
    for (let i = 0; i < batch.length; i++) batch.meta[i * core.META_STRIDE + 3] = 0;
    return super.sendBatch(batch);
  }
}

class DropsInvented extends MemoryUdpSocket {
  override counters(): core.UdpCounters {
    return { ...super.counters(), queueDrops: 1 };
  }
}

class OptionForgotten extends MemoryUdpSocket {
  override setMulticastLoopV4(): void {}
}

class ReusePortIgnored extends MemoryUdpSocket {
  constructor(...args: ConstructorParameters<typeof MemoryUdpSocket>) {
    const [readiness, network, local, options] = args;
    super(readiness, network, local, { ...options, reuseAddr: true });
  }
}

const broken: [what: string, chapter: string, Udp: typeof MemoryUdpSocket][] = [
  ['does not say that it truncated', 'datagrams', TruncationUnsaid],
  ['gives the sender of the datagram before', 'datagrams', PreviousSender],
  ['loses empty datagrams', 'datagrams', EmptyOnesLost],
  ['gives the newest datagram first', 'datagrams', NewestFirst],
  ['joins datagrams', 'datagrams', Stream],
  ['has a peek that takes', 'datagrams', ConsumingPeek],
  ['reports no empty datagrams', 'datagram edges', EdgeLost],
  ['receives from strangers when it is connected', 'datagram peers', StrangersAccepted],
  ['tells a refusal twice', 'datagram peers', RefusalTwice],
  ['swallows refusals', 'datagram peers', RefusalSwallowed],
  ['keeps its first peer', 'datagram peers', PeerForgotten],
  ['stops in the middle of a batch and says it sent all', 'datagram batches', StopsEarly],
  ['gives up the rest of a batch with what is refused', 'datagram batches', RefusedNotGivenUp],
  ['does not say that a slot was too small', 'datagram batches', BatchTruncationUnsaid],
  ['cuts no segments', 'datagram batches', SegmentsUncut],
  ['counts drops that were none', 'datagrams', DropsInvented],
  ['forgets an option', 'datagram options', OptionForgotten],
  ['shares addresses unasked', 'datagram options', ReusePortIgnored],
];

for (const [what, chapter, Udp] of broken) {
  test(`a datagram socket that ${what} is caught by ‘${chapter}’`, async () => {
    assert.notEqual(await firstFailure(chapter, { Udp }, 300), undefined);
  });
}

test('a datagram socket that is right is not caught', async () => {
  for (const chapter of new Set(broken.map(([, name]) => name))) {
    assert.equal(await firstFailure(chapter, {}, 60_000), undefined);
  }
});
