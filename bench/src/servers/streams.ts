// node streams.js BACKEND async tcp-echo: an echo server on `EvloopSocket`; prints its port.
import type { Backend } from '@evloop/core';
import { Loop, Server } from '@evloop/service';
import { toDuplex } from '@evloop/streams';

const [name = ''] = process.argv.slice(2);
const backend = (await import(`@evloop/${name}`)) as Backend;
const loop = new Loop(backend);
const listener = await backend.TcpListener.bind('127.0.0.1:0');
new Server(
  loop,
  [listener],
  (client) => {
    client.detach();
    const socket = toDuplex(client.stream, loop);
    socket.on('data', (chunk: Uint8Array) => {
      if (!socket.write(chunk)) socket.pause();
    });
    socket.on('drain', () => socket.resume());
    socket.on('error', () => undefined);
    socket.on('close', () => client.close());
    return { step: () => 'wait', drain: () => socket.end() };
  },
  { maxConnections: 20_000 },
);
process.stdout.write(`listening ${listener.localAddr().port}\n`);
await loop.run();
