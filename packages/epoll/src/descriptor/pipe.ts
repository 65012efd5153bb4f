import type { WouldBlock } from '@evloop/core';
import {
  captureOrigin,
  checkRange,
  checkReadRange,
  type DescriptorRegistration,
} from '@evloop/core/backend';
import { check, transferred } from '../native/errno-error.ts';
import { native } from '../native/native.ts';
import { adoptEnd } from './adopted-fd.ts';
import { DescriptorSource } from './descriptor-source.ts';

const { EINTR } = native.constants;

/**
 * A pipe, or one end of what is like a pipe: pipe(7).
 *
 * @returns its two ends. Closing the sender ends the receiver's stream; closing the receiver makes
 *   writing fail with `EPIPE`.
 */
export function pipe(): [PipeSender, PipeReceiver] {
  const origin = captureOrigin('pipe made', pipe);
  const out = new Int32Array(2);
  check(native.pipe2(out), 'pipe2');
  const [read, write] = out as unknown as [number, number];
  return [new PipeSender(write, origin), new PipeReceiver(read, origin)];
}

/**
 * The end of a pipe that is written to. An error event without writable says that the receiver is
 * gone.
 */
export class PipeSender extends DescriptorSource {
  /**
   * Takes over a descriptor that can be written to: a pipe, a FIFO, a child's standard input, a
   * terminal.
   *
   * @throws TypeError when it was not opened for that; `EBADF`; RangeError for what is no
   *   descriptor number.
   */
  static fromFd(fd: number): PipeSender {
    return new PipeSender(
      adoptEnd(fd, 'write'),
      captureOrigin('PipeSender adopted', PipeSender.fromFd),
    );
  }

  /** As `TcpStream.write`. @throws `EPIPE` when the receiver is gone. */
  write(
    buffer: Uint8Array,
    offset = 0,
    length: number = buffer.byteLength - offset,
  ): number | WouldBlock {
    this.openFd();
    checkRange(buffer, offset, length);
    const fd = this.openFd();
    let result: number;
    do result = native.write(fd, buffer, offset, length);
    while (result === -EINTR);
    return transferred(result, 'write');
  }

  protected override createRegistration(fd: number): DescriptorRegistration {
    return this.plainRegistration(fd);
  }
}

/**
 * The end of a pipe that is read from. When the sender goes away with nothing left to read, the
 * event is `readClosed` alone.
 */
export class PipeReceiver extends DescriptorSource {
  /**
   * Takes over a descriptor that can be read from: a pipe, a FIFO, a child's standard output, a
   * terminal.
   *
   * @throws as `PipeSender.fromFd`.
   */
  static fromFd(fd: number): PipeReceiver {
    return new PipeReceiver(
      adoptEnd(fd, 'read'),
      captureOrigin('PipeReceiver adopted', PipeReceiver.fromFd),
    );
  }

  /** As `TcpStream.read`: 0 is the end, when the sender is gone. */
  read(
    buffer: Uint8Array,
    offset = 0,
    length: number = buffer.byteLength - offset,
  ): number | WouldBlock {
    this.openFd();
    checkReadRange(buffer, offset, length);
    const fd = this.openFd();
    let result: number;
    do result = native.read(fd, buffer, offset, length);
    while (result === -EINTR);
    return transferred(result, 'read');
  }

  protected override createRegistration(fd: number): DescriptorRegistration {
    return this.plainRegistration(fd);
  }
}
