import { Socket } from 'node:net';
import { EvloopError } from '@evloop/core/backend';
import type { Stream } from '@evloop/service';

/** A stream with a descriptor that can be taken out of it. */
interface DescriptorStream {
  intoFd(): number;
}

/** Whether the stream has a descriptor that Node can have. */
export function hasDescriptor(stream: Stream): stream is Stream & DescriptorStream {
  return 'intoFd' in stream;
}

/**
 * Gives the descriptor of a connected stream to Node, which makes a socket of its own of it. It no
 * longer belongs to a loop, and is as fast as any socket of Node, with TLS too.
 *
 * @param options `allowHalfOpen` as of `net.Socket`. Default: false.
 * @throws `EVLOOP_UNSUPPORTED`: the stream has no descriptor, for instance on `@evloop/net`.
 * `EVLOOP_CLOSED`: it is closed.
 */
export function intoSocket(
  stream: Stream,
  options: { readonly allowHalfOpen?: boolean | undefined } = {},
): Socket {
  if (!hasDescriptor(stream)) {
    throw new EvloopError('EVLOOP_UNSUPPORTED', 'streams of this backend have no descriptor');
  }
  const { allowHalfOpen = false } = options;
  return new Socket({ fd: stream.intoFd(), readable: true, writable: true, allowHalfOpen });
}
