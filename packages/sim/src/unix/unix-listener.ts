import type { UnixAddress, UnixBindOptions, UnixListener } from '@evloop/core';
import { checkBacklog, checkUnixAddress, linuxError } from '@evloop/core/backend';
import { SimListener } from '../backend/sim-listener.ts';
import type { Process } from '../host/process.ts';
import { SimUnixStream } from './unix-stream.ts';

/** A Unix listener of a simulated process. */
export class SimUnixListener
  extends SimListener<SimUnixStream, UnixAddress>
  implements UnixListener
{
  readonly #backlog: number;
  readonly #unlink: boolean;

  constructor(process: Process, path: UnixAddress, options: UnixBindOptions) {
    checkUnixAddress(path);
    const backlog = checkBacklog(options.backlog);
    super(process, path, 'listen');
    this.#backlog = Math.min(backlog, process.host.kernel.tcp.numbers.maxBacklog);
    this.#unlink = options.unlinkOnClose ?? false;
    this.listen(() => {
      const { names } = process.host;
      if (names.find(path) !== undefined) {
        throw linuxError('EADDRINUSE', 'listen', { address: path });
      }
      names.add(path, this);
    });
  }

  // Linux lets one more connection wait than the backlog says.
  get full(): boolean {
    return this.queue.length > this.#backlog;
  }

  protected release(): void {
    this.released();
    this.process.host.names.leave(this.local, this.#unlink && this.process.alive);
  }
}

/** Connects `stream` to the listener at `path`: at once, or never. */
export function connectUnix(stream: SimUnixStream, path: UnixAddress): void {
  const { process } = stream;
  const listener = process.host.names.find(path);
  const at = { address: path };
  if (listener === undefined) {
    throw linuxError(path.startsWith('\0') ? 'ECONNREFUSED' : 'ENOENT', 'connect', at);
  }
  if (listener === 'file') throw linuxError('ECONNREFUSED', 'connect', at);
  if (listener.full) throw linuxError('EAGAIN', 'connect', at);
  const accepted = new SimUnixStream(listener.process);
  SimUnixStream.join(stream, accepted, path);
  listener.arrive(accepted);
}
