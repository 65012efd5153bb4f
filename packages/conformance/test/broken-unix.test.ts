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
  ['leaves its file', 'Unix addresses', { UnixListener: LeavesItsFile }],
  ['removes its file', 'Unix addresses', { UnixListener: RemovesItsFile }],
  ['takes the path of another', 'Unix addresses', { UnixListener: TakesThePathOfAnother }],
  ['names both ends alike', 'Unix addresses', { UnixStream: NamesBothEnds }],
  ['reports a listener writable', 'Unix streams', { UnixListener: WritableListener }],
  ['forgets who waits', 'Unix streams', { UnixListener: ForgetsWhoWaits }],
  ['accepts one and drops the rest', 'Unix streams', { UnixListener: AcceptsOne }],
  ['ends in order what it resets', 'Unix streams', { UnixStream: EndsInOrder }],
  ['forgets its peer', 'Unix streams', { UnixStream: ForgetsItsPeer }],
  ['drops the last words', 'Unix streams', { UnixStream: DropsTheLastWords }],
  ['has abilities that it denies', 'Unix peers', { UnixStream: KnowsEverybody }],
  ['swaps bytes', 'Unix data integrity', { UnixStream: SwapsBytes }],
]);
