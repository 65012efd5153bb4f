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
 * Makes a pipe: pipe(7).
 *
 * @returns its two ends. Closing the sender ends the receiver's stream. After the receiver is
 *   closed, writing fails with `EPIPE`.
 */
export function pipe(): [PipeSender, PipeReceiver] {
  const origin = captureOrigin('pipe made', pipe);
  const out = new Int32Array(2);
  check(native.pipe2(out), 'pipe2');
  const [read, write] = out as unknown as [number, number];
  return [new PipeSender(write, origin), new PipeReceiver(read, origin)];
}

/**
 * The writing end of a pipe. An error event without `writable` means that the receiver is closed.
 */
export class PipeSender extends DescriptorSource {
  /**
   * Takes over a descriptor for writing: a pipe, a FIFO, a child's standard input, a terminal.
   *
   * @throws TypeError: it was not opened for writing. `EBADF`: it is closed. RangeError: `fd` is
   *   not a descriptor number.
   */
  static fromFd(fd: number): PipeSender {
    return new PipeSender(
      adoptEnd(fd, 'write'),
      captureOrigin('PipeSender adopted', PipeSender.fromFd),
    );
  }

  /** As `TcpStream.write`. @throws `EPIPE`: the receiver is closed. */
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
 * The reading end of a pipe. If the sender closes with nothing left to read, the event is
 * `readClosed` alone.
 */
export class PipeReceiver extends DescriptorSource {
  /**
   * Takes over a descriptor for reading: a pipe, a FIFO, a child's standard output, a terminal.
   *
   * @throws as `PipeSender.fromFd`.
   */
  static fromFd(fd: number): PipeReceiver {
    return new PipeReceiver(
      adoptEnd(fd, 'read'),
      captureOrigin('PipeReceiver adopted', PipeReceiver.fromFd),
    );
  }

  /** As `TcpStream.read`. 0 is the end: the sender is closed. */
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
