// Backends that are wrong about Unix streams, each caught by the chapter that is named beside it.
import * as core from '@evloop/core';
import * as base from '@evloop/core/backend';
import { MemoryUnixListener } from '../../memory/src/memory-unix-listener.ts';
import { MemoryUnixStream } from '../../memory/src/memory-unix-stream.ts';
import { eachIsCaught } from './each-is-caught.ts';

type Made = ConstructorParameters<typeof MemoryUnixListener>;

class LeavesItsFile extends MemoryUnixListener {
  constructor(...[readiness, names, path, options]: Made) {
    super(readiness, names, path, { ...options, unlinkOnClose: false });
  }
}

class RemovesItsFile extends MemoryUnixListener {
  constructor(...[readiness, names, path, options]: Made) {
    super(readiness, names, path, { ...options, unlinkOnClose: true });
  }
}

class TakesThePathOfAnother extends MemoryUnixListener {
  constructor(...[readiness, names, path, options]: Made) {
    super(readiness, new Map(), path, options);
    names.set(path, this);
  }
}

class WritableListener extends MemoryUnixListener {
  constructor(...made: Made) {
    super(...made);
    this.readiness.set(core.Ready.WRITABLE);
  }
}

class ForgetsWhoWaits extends MemoryUnixListener {
  override close(): void {
    this.queue.length = 0;
    super.close();
  }
}

class AcceptsOne extends MemoryUnixListener {
  override accept(): MemoryUnixStream | core.WouldBlock {
    const stream = super.accept();
    this.queue.length = 0;
    return stream;
  }
}

class NamesBothEnds extends MemoryUnixStream {
  override localAddr(): string {
    return super.localAddr() || super.peerAddr();
  }
}

class ForgetsItsPeer extends MemoryUnixStream {
  override peerAddr(): string {
    if (this.state !== 'connected') throw base.unsupportedError('there is no peer');
    return super.peerAddr();
  }
}

class EndsInOrder extends MemoryUnixStream {
  override close(): void {
    if (!this.readiness.closed) this.incoming = new Uint8Array(0);
    super.close();
  }
}

class DropsTheLastWords extends MemoryUnixStream {
  protected override endOfPeer(): void {
    this.incoming = new Uint8Array(0);
    super.endOfPeer();
  }
}

class SwapsBytes extends MemoryUnixStream {
  override write(buffer: Uint8Array, offset = 0, length?: number): number | core.WouldBlock {
    const end = length === undefined ? undefined : offset + length;
    return super.write(buffer.slice(offset, end).reverse());
  }
}

class KnowsEverybody extends MemoryUnixStream {
  override peerCredentials(): never {
    return { pid: 1, uid: 0, gid: 0 } as never;
  }
}

eachIsCaught([
  [
    'leaves its file',
    'Unix addresses: unlinkOnClose removes the file, and the path can be bound again',
    { UnixListener: LeavesItsFile },
  ],
  [
    'removes its file',
    'Unix addresses: the file remains when the listener is closed, and the next bind fails',
    { UnixListener: RemovesItsFile },
  ],
  [
    'takes the path of another',
    'Unix addresses: the file remains when the listener is closed, and the next bind fails',
    { UnixListener: TakesThePathOfAnother },
  ],
  [
    'names both ends alike',
    'Unix addresses: the accepted stream and the client know the path, and the client has no address',
    { UnixStream: NamesBothEnds },
  ],
  [
    'reports a listener writable',
    'Unix streams: a client is reported, accepted and served',
    { UnixListener: WritableListener },
  ],
  [
    'forgets who waits',
    'Unix streams: closing a listener closes its unaccepted connections',
    { UnixListener: ForgetsWhoWaits },
  ],
  [
    'accepts one and drops the rest',
    'Unix streams: clients from before registering are reported, and all are accepted',
    { UnixListener: AcceptsOne },
  ],
  [
    'ends in order what it resets',
    'Unix streams: closing with unread data is reported as error and closed, with READABLE alone',
    { UnixStream: EndsInOrder },
  ],
  [
    'forgets its peer',
    'Unix streams: closing with unread data is reported as error and closed, with READABLE alone',
    { UnixStream: ForgetsItsPeer },
  ],
  [
    'drops the last words',
    'Unix streams: after a close, the peer reads the end, and its write throws EPIPE',
    { UnixStream: DropsTheLastWords },
  ],
  [
    'has abilities that it denies',
    'Unix peers: without supports.peerCredentials, using it throws EVLOOP_UNSUPPORTED',
    { UnixStream: KnowsEverybody },
  ],
  [
    'swaps bytes',
    'Unix data integrity: random bytes in random pieces arrive in order, driven by events (seed 1)',
    { UnixStream: SwapsBytes },
  ],
]);
