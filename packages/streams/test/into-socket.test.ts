import { once } from 'node:events';
import { Socket } from 'node:net';
import { describe, expect, test } from 'vitest';
import { intoSocket, toDuplex } from '../src/index.ts';
import { streamPair, textOf, ways } from './fixture.ts';

describe.each(ways)('intoSocket on $name', (way) => {
  test('gives the connection to Node, or says that it cannot', async () => {
    const { loop, a, b } = await streamPair(way);
    if (!('intoFd' in a)) {
      expect(() => intoSocket(a)).toThrow(expect.objectContaining({ code: 'EVLOOP_UNSUPPORTED' }));
      toDuplex(a, loop).end('still usable');
      expect(await textOf(toDuplex(b, loop))).toBe('still usable');
      return;
    }
    const socket = intoSocket(a);
    expect(socket).toBeInstanceOf(Socket);
    const peer = toDuplex(b, loop);
    expect(socket.remotePort).toBe(peer.localPort);
    socket.end('from node');
    peer.end('to node');
    expect(await Promise.all([textOf(peer), textOf(socket)])).toEqual(['from node', 'to node']);
    if (!socket.closed) await once(socket, 'close');
    expect(() => intoSocket(a)).toThrow(expect.objectContaining({ code: 'EVLOOP_CLOSED' }));
  });
});
