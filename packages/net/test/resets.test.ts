import { once } from 'node:events';
import net from 'node:net';
import { expect, test } from 'vitest';
import { Interest, WouldBlock } from '../src/index.ts';
import { accept, listen, until, watched } from './fixture.ts';

/** Reads to the end, and answers with what was read and what ended it. */
async function readToEnd(stream: Awaited<ReturnType<typeof accept>>): Promise<[string, unknown]> {
  const buffer = new Uint8Array(1024);
  let text = '';
  let end: unknown;
  await until(() => {
    try {
      for (;;) {
        const size = stream.read(buffer);
        if (size === WouldBlock) return false;
        if (size === 0) {
          end = 'end';
          return true;
        }
        text += Buffer.from(buffer.subarray(0, size)).toString();
      }
    } catch (error) {
      end = (error as NodeJS.ErrnoException).code;
      return true;
    }
  });
  return [text, end];
}

async function served(): Promise<[Awaited<ReturnType<typeof accept>>, net.Socket]> {
  const listener = await listen();
  const { address, port } = listener.localAddr();
  const socket = net.connect({ port, host: address, allowHalfOpen: true }).pause();
  socket.on('error', () => {});
  return [await accept(listener), socket];
}

test('a reset right behind data is no end, also after shutdown(write)', async () => {
  const [stream, socket] = await served();
  stream.shutdown('write');
  socket.resume();
  await once(socket, 'end');
  const { poll, events } = watched(Interest.READABLE, stream);
  socket.write('half an answer');
  socket.resetAndDestroy();
  await poll.poll(events, 60_000);
  expect(await readToEnd(stream)).toEqual(['half an answer', 'ECONNRESET']);
  expect(stream.read(new Uint8Array(1))).toBe(0);
});

test('a reset right behind data is no end, also while bytes wait to be sent', async () => {
  const [stream, socket] = await served();
  while (stream.write(new Uint8Array(65536)) !== WouldBlock);
  socket.write('half an answer');
  socket.resetAndDestroy();
  expect(await readToEnd(stream)).toEqual(['half an answer', 'ECONNRESET']);
  expect(stream.read(new Uint8Array(1))).toBe(0);
});

test('a peer’s end is one, also after shutdown(write) and while bytes wait to be sent', async () => {
  const [first, quick] = await served();
  first.shutdown('write');
  quick.end('all of it');
  expect(await readToEnd(first)).toEqual(['all of it', 'end']);
  expect(first.takeError()).toBeUndefined();

  const [second, slow] = await served();
  while (second.write(new Uint8Array(65536)) !== WouldBlock);
  slow.end('all of it');
  expect(await readToEnd(second)).toEqual(['all of it', 'end']);
  expect(second.takeError()).toBeUndefined();
});
