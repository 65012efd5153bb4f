// Backends that are wrong about streams and listeners, each caught by the chapter that is named
// beside it.
import * as core from '@evloop/core';
import { MemoryListener } from '../../memory/src/memory-listener.ts';
import { MemoryStream } from '../../memory/src/memory-stream.ts';
import { eachIsCaught } from './each-is-caught.ts';

const { READABLE } = core.Ready;

class SwallowedEnd extends MemoryStream {
  override read(buffer: Uint8Array, offset?: number, length?: number): number | core.WouldBlock {
    const size = super.read(buffer, offset, length);
    return size === 0 ? core.WouldBlock : size;
  }
}

class EndOnlyOnce extends MemoryStream {
  protected override nothingToRead(): number | core.WouldBlock {
    const size = super.nothingToRead();
    if (size === 0) this.peerEnded = false;
    return size;
  }
}

class EndBeforeData extends MemoryStream {
  override peek(buffer: Uint8Array, offset?: number, length?: number): number | core.WouldBlock {
    return this.peerEnded ? 0 : super.peek(buffer, offset, length);
  }
}

class ErrorTwice extends MemoryStream {
  #times = 0;

  override takeError(): core.SystemError | undefined {
    const error = this.error;
    if (error !== undefined && this.#times++ === 0) return error;
    return super.takeError();
  }
}

class ErrorBeforeData extends MemoryStream {
  override peek(buffer: Uint8Array, offset?: number, length?: number): number | core.WouldBlock {
    if (this.error !== undefined) throw super.takeError();
    return super.peek(buffer, offset, length);
  }
}

class ErrorForgotten extends MemoryStream {
  override takeError(): undefined {
    super.takeError();
  }
  protected override nothingToRead(): number | core.WouldBlock {
    this.error = undefined;
    return super.nothingToRead();
  }
}

class DestructiveFinishConnect extends MemoryStream {
  override finishConnect(): true | core.WouldBlock {
    try {
      return super.finishConnect();
    } finally {
      if (this.connectError !== undefined) this.error = undefined;
      this.connectError = undefined;
    }
  }
}

class WritableIsConnected extends MemoryStream {
  override finishConnect(): true | core.WouldBlock {
    this.checkOpen();
    return this.state === 'connecting' ? core.WouldBlock : true;
  }
}

class PreservingTakeError extends MemoryStream {
  override takeError(): core.SystemError | undefined {
    return this.error;
  }
}

class BytesReordered extends MemoryStream {
  protected override hear(bytes: Uint8Array): void {
    super.hear(bytes.length > 4000 ? bytes.toReversed() : bytes);
  }
}

class BytesDropped extends MemoryStream {
  override write(buffer: Uint8Array, offset = 0, length?: number): number | core.WouldBlock {
    const size = super.write(buffer, offset, length);
    return size === core.WouldBlock && this.state === 'connected' ? 1 : size;
  }
}

class ConsumingPeek extends MemoryStream {
  override peek(buffer: Uint8Array, offset?: number, length?: number): number | core.WouldBlock {
    const size = super.peek(buffer, offset, length);
    this.readiness.clear(READABLE);
    return size;
  }
}

class OffsetIgnored extends MemoryStream {
  override read(buffer: Uint8Array, offset = 0, length?: number): number | core.WouldBlock {
    return super.read(buffer, 0, length ?? buffer.length - offset);
  }
}

class UncheckedRange extends MemoryStream {
  override write(buffer: Uint8Array, offset = 0, length?: number): number | core.WouldBlock {
    return super.write(buffer.subarray(offset, offset + (length ?? buffer.length)));
  }
}

class WriteAfterShutdown extends MemoryStream {
  override write(buffer: Uint8Array, offset = 0, length?: number): number | core.WouldBlock {
    try {
      return super.write(buffer, offset, length);
    } catch (error) {
      if ((error as core.SystemError).code === 'EPIPE') return buffer.length;
      throw error;
    }
  }
}

class ForgetsTheRest extends MemoryListener {
  override accept(): MemoryStream | core.WouldBlock {
    const stream = super.accept();
    this.queue.length = 0;
    return stream;
  }
}

class ListenerStaysReady extends MemoryListener {
  override accept(): MemoryStream | core.WouldBlock {
    const stream = super.accept();
    this.readiness.clear(READABLE);
    if (this.queue.length > 0) this.readiness.set(READABLE);
    return stream;
  }
}

eachIsCaught([
  [
    'swallows the end',
    'read: read returns 0 at the end of the stream, every time',
    { Stream: SwallowedEnd },
  ],
  [
    'says the end once',
    'read: read returns 0 at the end of the stream, every time',
    { Stream: EndOnlyOnce },
  ],
  [
    'says the end before the data',
    'read: the end of the stream comes after the data',
    { Stream: EndBeforeData },
  ],
  [
    'reports an error twice',
    'close and errors: read throws ECONNRESET once, and then returns 0',
    { Stream: ErrorTwice },
  ],
  [
    'reports an error before the data',
    'close and errors: after a reset, read returns the received data, then throws, then returns 0',
    { Stream: ErrorBeforeData },
  ],
  [
    'forgets errors',
    'close and errors: read throws ECONNRESET once, and then returns 0',
    { Stream: ErrorForgotten },
  ],
  [
    'has a destructive finishConnect',
    'connect: finishConnect throws the same error each time',
    { Stream: DestructiveFinishConnect },
  ],
  [
    'takes writable for connected',
    'connect: finishConnect throws the same error each time',
    { Stream: WritableIsConnected },
  ],
  [
    'has a takeError that takes nothing',
    'connect: after takeError, finishConnect still throws the error',
    { Stream: PreservingTakeError },
  ],
  [
    'reorders bytes',
    'data integrity: random bytes in random pieces arrive in order, driven by events (seed 1)',
    { Stream: BytesReordered },
  ],
  [
    'takes bytes that it drops',
    'write: writing to a peer that does not read ends in WouldBlock',
    { Stream: BytesDropped },
  ],
  [
    'has a peek that takes the edge away',
    'peek and vectors: a successful peek does not drain the edge',
    { Stream: ConsumingPeek },
  ],
  [
    'ignores the offset',
    'read: read fills only the range of offset and length',
    { Stream: OffsetIgnored },
  ],
  [
    'does not check the range',
    'bad input: write stays within the buffer',
    { Stream: UncheckedRange },
  ],
  [
    'writes after shutdown',
    'half-close: after shutting down writing, reading works, and write throws EPIPE',
    { Stream: WriteAfterShutdown },
  ],
  [
    'accepts one and forgets the rest',
    'accept: one event is enough to accept all waiting connections',
    { Listener: ForgetsTheRest },
  ],
  [
    're-arms a listener by accepting',
    'accept: accepting one of two connections makes no event for the other',
    { Listener: ListenerStaysReady },
  ],
]);
