import { createHash, randomBytes } from 'node:crypto';
import net from 'node:net';
import { expect, test } from 'vitest';
import { Events, Interest, Poll, TcpStream, Token, WouldBlock } from '../src/index.ts';
import { accept, bytes, listen, own, pair, until } from './fixture.ts';

const MIB = 1024 * 1024;

test('an unread stream stops receiving, and returns everything later', async () => {
  const listener = await listen();
  const { address, port } = listener.localAddr();
  const socket = net.connect(port, address);
  const server = await accept(listener);
  const before = process.memoryUsage().rss;
  const block = randomBytes(MIB);
  const sent = createHash('sha256');
  for (let i = 0; i < 32; i++) {
    sent.update(block);
    socket.write(block);
  }
  socket.end();
  await until(() => socket.bytesWritten > 0);
  let still = 0;
  let last = -1;
  await until(() => {
    still = socket.writableLength === last ? still + 1 : 0;
    last = socket.writableLength;
    return still > 20;
  });
  // The rest waits with the sender: it is in its queue and in the kernel, not here.
  expect(socket.writableLength).toBeGreaterThan(8 * MIB);
  expect(process.memoryUsage().rss - before).toBeLessThan(64 * MIB);
  const received = createHash('sha256');
  const buffer = new Uint8Array(10_000);
  let total = 0;
  await until(() => {
    for (;;) {
      const size = server.read(buffer);
      if (size === WouldBlock) return false;
      if (size === 0) return true;
      total += size;
      received.update(buffer.subarray(0, size));
    }
  });
  expect(total).toBe(32 * MIB);
  expect(received.digest('hex')).toBe(sent.digest('hex'));
});

test('a stream whose peer does not read takes a window and no more, and is writable again after', async () => {
  const { client, server } = await pair();
  const block = new Uint8Array(MIB);
  let taken = 0;
  const fill = (): number => {
    const before = taken;
    for (;;) {
      const size = client.write(block);
      if (size === WouldBlock) break;
      taken += size;
      expect(taken).toBeLessThan(64 * MIB);
    }
    return taken - before;
  };
  const poll = own(new Poll());
  const events = new Events(4);
  poll.registry.register(client, Token(0), Interest.WRITABLE);
  expect(await poll.poll(events, 5000)).toBe(1);
  expect(fill()).toBeGreaterThan(0);
  // What waits in user space moves on into the kernel for a while, whose buffers grow and which
  // probes a closed window: all of it is reported, and what is reported is true.
  while ((await poll.poll(events, 100)) > 0) expect(fill()).toBeGreaterThan(0);
  let received = 0;
  await until(() => {
    const size = server.read(block);
    if (size !== WouldBlock) received += size;
    return received === taken;
  });
  expect(await poll.poll(events, 5000)).toBe(1);
  expect([...events].map((event) => event.writable)).toEqual([true]);
  expect(client.write(bytes('more'))).toBe(4);
});

test('64 MiB of random bytes come back identical through an echo whose client reads slowly', async () => {
  const listener = await listen();
  const { address, port } = listener.localAddr();
  const poll = own(new Poll());
  const events = new Events(8);
  const before = process.memoryUsage().rss;
  let most = 0;
  const echo = async (): Promise<void> => {
    const stream = await accept(listener);
    poll.registry.register(stream, Token(1), Interest.READABLE | Interest.WRITABLE);
    const buffer = new Uint8Array(32_768);
    let start = 0;
    let end = 0;
    for (;;) {
      await poll.poll(events);
      most = Math.max(most, process.memoryUsage().rss - before);
      for (;;) {
        if (start === end) {
          const size = stream.read(buffer);
          if (size === WouldBlock) break;
          if (size === 0) return stream.close();
          [start, end] = [0, size];
        }
        const size = stream.write(buffer, start, end - start);
        if (size === WouldBlock) break;
        start += size;
      }
    }
  };
  const echoing = echo();
  const socket = net.connect(port, address);
  const sent = createHash('sha256');
  const received = createHash('sha256');
  const send = async (): Promise<void> => {
    for (let i = 0; i < 64; i++) {
      const block = randomBytes(MIB);
      sent.update(block);
      if (!socket.write(block)) await new Promise((resolve) => socket.once('drain', resolve));
    }
    socket.end();
  };
  const sending = send();
  let total = 0;
  for await (const chunk of socket) {
    received.update(chunk);
    total += chunk.length;
    if (Math.floor(total / MIB) % 4 === 0) await new Promise((resolve) => setTimeout(resolve, 1));
  }
  await Promise.all([echoing, sending]);
  expect(total).toBe(64 * MIB);
  expect(received.digest('hex')).toBe(sent.digest('hex'));
  expect(most).toBeLessThan(96 * MIB);
});

test('the bytes are the caller’s again, also where they had to wait', async () => {
  const { client, server } = await pair();
  const block = new Uint8Array(8192);
  const expected: number[] = [];
  for (let i = 0; ; i++) {
    block.fill(i);
    const size = client.write(block);
    block.fill(255);
    if (size === WouldBlock) break;
    expected.push(...Array.from({ length: size / 4096 }, () => i & 255));
    if (size % 4096 !== 0 || i > 4096) break;
  }
  client.shutdown('write');
  const seen: number[] = [];
  const buffer = new Uint8Array(4096);
  let filled = 0;
  await until(() => {
    for (;;) {
      const size = server.read(buffer, filled);
      if (size === WouldBlock) return false;
      if (size === 0) return true;
      filled += size;
      if (filled < buffer.length) continue;
      filled = 0;
      if (buffer.some((byte) => byte !== buffer[0])) throw new Error('mixed up');
      seen.push(buffer[0] as number);
    }
  });
  expect(seen.length).toBe(expected.length);
  expect(seen).toEqual(expected);
});

test('what one stream has to hold back is not touched by what others write', async () => {
  const [slow, other] = [await pair(), await pair()];
  const block = new Uint8Array(50_000);
  let taken = 0;
  let round = 0;
  for (let full = false; !full; round++) {
    block.fill(1);
    for (
      let size = slow.client.write(block);
      size !== WouldBlock;
      size = slow.client.write(block)
    ) {
      taken += size;
    }
    block.fill(2);
    other.client.write(block);
    // What was held back may still move on.
    await new Promise((resolve) => setTimeout(resolve, 5));
    full = round > 20;
    while (other.server.read(block) !== WouldBlock);
  }
  let received = 0;
  await until(() => {
    for (;;) {
      const size = slow.server.read(block);
      if (size === WouldBlock) return received === taken;
      if (block.subarray(0, size).some((byte) => byte !== 1)) throw new Error('mixed up');
      received += size;
    }
  });
});

test('300 connections at once get their own bytes', async () => {
  const listener = await listen();
  const poll = own(new Poll());
  const events = new Events(64);
  const clients = Array.from({ length: 300 }, () => own(TcpStream.connect(listener.localAddr())));
  const servers: TcpStream[] = [];
  const LISTENER = Token(1000);
  poll.registry.register(listener, LISTENER, Interest.READABLE);
  const got = clients.map(() => '');
  for (const [i, client] of clients.entries()) {
    poll.registry.register(client, Token(i), Interest.READABLE | Interest.WRITABLE);
  }
  const buffer = new Uint8Array(256);
  const sent = new Set<number>();
  while (got.some((text, i) => text !== `echo of ${i}`)) {
    if ((await poll.poll(events, 5000)) === 0) throw new Error('nothing happens any more');
    for (const { token } of events) {
      if (token === LISTENER) {
        for (let stream = listener.accept(); stream !== WouldBlock; stream = listener.accept()) {
          const index = servers.push(own(stream)) - 1;
          poll.registry.register(stream, Token(2000 + index), Interest.READABLE);
        }
      } else if (token >= 2000) {
        const stream = servers[token - 2000] as TcpStream;
        for (let size = stream.read(buffer); size !== WouldBlock; size = stream.read(buffer)) {
          stream.write(buffer, 0, size);
        }
      } else {
        const client = clients[token] as TcpStream;
        if (client.finishConnect() === WouldBlock) continue;
        if (!sent.has(token)) client.write(bytes(`echo of ${token}`));
        sent.add(token);
        for (let size = client.read(buffer); size !== WouldBlock; size = client.read(buffer)) {
          got[token] += Buffer.from(buffer.subarray(0, size)).toString();
        }
      }
    }
  }
});
