import type { Readiness } from '../registration/readiness.ts';
import { Ready } from '../registration/ready.ts';
import type { ListenerSocket } from '../sockets/listener-socket.ts';
import type { Source } from '../source.ts';
import { WouldBlock } from '../would-block.ts';
import { UserSpaceSocket } from './user-space-socket.ts';
import type { UserSpaceStream } from './user-space-stream.ts';

/**
 * A listener in user space, for backends. Connected clients wait in it, in order, until they are
 * accepted.
 */
export abstract class UserSpaceListener<Stream extends UserSpaceStream<Address>, Address>
  extends UserSpaceSocket
  implements ListenerSocket<Stream, Address>
{
  /** The streams that wait. */
  protected readonly queue: Stream[] = [];
  /** The address that it listens on. */
  protected readonly local: Address;

  constructor(local: Address, Kind?: new (source: Source) => Readiness) {
    super(Kind);
    this.local = local;
  }

  /** Queues a connection. `stream` is the listener's end of it. */
  arrive(stream: Stream): void {
    this.queue.push(stream);
    this.readiness.set(Ready.READABLE);
  }

  accept(): Stream | WouldBlock {
    this.checkOpen();
    const stream = this.queue.shift();
    if (stream !== undefined) return stream;
    this.readiness.clear(Ready.READABLE);
    return WouldBlock;
  }

  localAddr(): Address {
    this.checkOpen();
    return this.local;
  }

  takeError(): undefined {
    this.checkOpen();
  }

  close(): void {
    if (this.readiness.closed) return;
    this.readiness.close();
    this.release();
    for (const stream of this.queue) stream.reset();
  }

  /** Releases the address: the listener was closed. */
  protected abstract release(): void;
}
