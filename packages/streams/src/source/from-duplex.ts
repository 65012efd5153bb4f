import type { Duplex } from 'node:stream';
import { StreamSource } from './stream-source.ts';

/**
 * Makes a stream of evloop of any stream of Node: standard streams of a child, a TLS socket, a
 * compressor. It can be registered with the poll of every backend, and closing it ends the stream.
 *
 * @throws TypeError: the stream is in object mode.
 */
export function fromDuplex(duplex: Duplex): StreamSource {
  return new StreamSource(duplex);
}
