// Datagram sockets that are wrong in one way each. Each is caught by the chapter that is named
// beside it.
import * as core from '@evloop/core';
import * as base from '@evloop/core/backend';
import { type Datagram, MemoryUdpSocket } from '../../memory/src/memory-udp-socket.ts';
import { eachIsCaught } from './each-is-caught.ts';

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
    for (let i = 0; i < batch.length; i++) batch.meta[i * base.META_STRIDE + 1] = 0;
    return count;
  }
}

class SegmentsUncut extends MemoryUdpSocket {
  override sendBatch(batch: core.DatagramBatch): number {
    for (let i = 0; i < batch.length; i++) batch.meta[i * base.META_STRIDE + 3] = 0;
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
    super(readiness, network, local, {
      ...options,
      socket: { ...options.socket, reuseAddr: true },
    });
  }
}

eachIsCaught(
  [
    [
      'does not say that it truncated',
      'datagrams: a small buffer gets the beginning of a datagram, and truncated is true',
      { Udp: TruncationUnsaid },
    ],
    [
      'gives the sender of the datagram before',
      'datagrams: each datagram comes with its own sender',
      { Udp: PreviousSender },
    ],
    [
      'loses empty datagrams',
      'datagrams: datagrams of every size arrive whole, with their sender (IPv4)',
      { Udp: EmptyOnesLost },
    ],
    [
      'gives the newest datagram first',
      'datagrams: datagrams keep their borders, also empty ones',
      { Udp: NewestFirst },
    ],
    [
      'joins datagrams',
      'datagrams: datagrams keep their borders, also empty ones',
      { Udp: Stream },
    ],
    [
      'has a peek that takes',
      'datagrams: a small buffer gets the beginning of a datagram, and truncated is true',
      { Udp: ConsumingPeek },
    ],
    [
      'reports no empty datagrams',
      'datagram edges: each datagram after WouldBlock is an edge, also an empty one',
      { Udp: EdgeLost },
    ],
    [
      'receives from strangers when it is connected',
      'datagram peers: a connected socket receives no datagrams of others',
      { Udp: StrangersAccepted },
    ],
    [
      'tells a refusal twice',
      'datagram peers: a dead port is an error event with READABLE, thrown once; the next send works',
      { Udp: RefusalTwice },
    ],
    [
      'swallows refusals',
      'datagram peers: a dead port is an error event with READABLE, thrown once; the next send works',
      { Udp: RefusalSwallowed },
    ],
    [
      'keeps its first peer',
      'datagram peers: the peer can be changed and removed; the local address stays',
      { Udp: PeerForgotten },
    ],
    [
      'stops in the middle of a batch and says it sent all',
      'datagram batches: a batch has datagrams with their sizes and senders',
      { Udp: StopsEarly },
    ],
    [
      'gives up the rest of a batch with a message that fails',
      'datagram batches: a message that fails is given up, and the others are sent',
      { Udp: RefusedNotGivenUp },
    ],
    [
      'does not say that a slot was too small',
      'datagram batches: a small slot gets the beginning of a datagram, and truncated is true',
      { Udp: BatchTruncationUnsaid },
    ],
    [
      'cuts no segments',
      'datagram batches: a message with a segment size arrives as datagrams of that size',
      { Udp: SegmentsUncut },
    ],
    [
      'counts drops that were none',
      'datagrams: the drop counters stay 0 without drops',
      { Udp: DropsInvented },
    ],
    [
      'forgets an option',
      'datagram options: the options of IPv4 are read as they were set',
      { Udp: OptionForgotten },
    ],
    [
      'shares addresses unasked',
      'datagram options: the options of both families are read as they were set',
      { Udp: ReusePortIgnored },
    ],
  ],
  'a datagram socket',
);
