import { once } from 'node:events';
import net from 'node:net';
import { host } from '@evloop/core/backend';
import { expect, test, vi } from 'vitest';
import { Interest, TcpListener, TcpStream, Token, WouldBlock } from '../src/index.ts';
import { accept, bytes, listen, own, pair, some, thrown, until, watched } from './fixture.ts';

const RW = Interest.READABLE | Interest.WRITABLE;

test('a peer that ended its side gets everything that is written after', async () => {
  const listener = await listen();
  const { address, port } = listener.localAddr();
  const socket = net.connect({ port, host: address, allowHalfOpen: true });
  socket.end('question');
  const server = await accept(listener);
  const { poll, events } = watched(RW, server);
  const buffer = new Uint8Array(64);
  await until(() => server.peek(buffer) === 8);
  await poll.poll(events, 5000);
  expect(server.read(buffer)).toBe(8);
  await until(() => server.read(buffer) === 0);
  server.write(bytes('answer'));
  server.close();
  let text = '';
  for await (const chunk of socket) text += chunk;
  expect(text).toBe('answer');
});

test('closing with pending bytes delivers them, and closing with unread ones resets', async () => {
  const listener = await listen();
  const { address, port } = listener.localAddr();
  const slow = net.connect(port, address);
  slow.pause();
  const first = await accept(listener);
  let taken = 0;
  for (let size = first.write(new Uint8Array(65536)); size !== WouldBlock; ) {
    taken += size;
    size = first.write(new Uint8Array(65536));
  }
  first.close();
  let received = 0;
  slow.on('data', (chunk) => {
    received += chunk.length;
  });
  slow.resume();
  await once(slow, 'end');
  expect(received).toBe(taken);

  const rude = net.connect(port, address);
  const errors: unknown[] = [];
  rude.on('error', (error: NodeJS.ErrnoException) => errors.push(error.code));
  const second = await accept(listener);
  rude.write('unread');
  await until(() => second.peek(new Uint8Array(6)) === 6);
  const closed = new Promise((resolve) => rude.once('close', resolve));
  second.close();
  await closed;
  expect(errors).toEqual(['ECONNRESET']);
});

test.each(['write', 'both'] as const)(
  'closing right after shutdown(%s), with something unread, leaks no socket',
  async (how) => {
    const { client, server } = await pair();
    client.write(bytes('unread'));
    await until(() => server.peek(new Uint8Array(6)) === 6);
    server.shutdown(how);
    server.close();
    // A socket that nobody has any more answers with a reset.
    await until(() => {
      try {
        client.write(bytes('anybody there?'));
        return false;
      } catch {
        return true;
      }
    });
  },
);

test('a client that reset before it was accepted is accepted, and then read as reset', async () => {
  const listener = await listen();
  const { address, port } = listener.localAddr();
  const { poll, events } = watched(Interest.READABLE, listener);
  const socket = net.connect(port, address);
  await Promise.all([once(socket, 'connect'), poll.poll(events, 5000)]);
  socket.resetAndDestroy();
  await once(socket, 'close');
  const server = own(some(listener.accept()));
  expect(thrown(() => server.peerAddr()).code).toBe('ENOTCONN');
  let error: NodeJS.ErrnoException | undefined;
  await until(() => {
    try {
      return server.read(new Uint8Array(1)) !== WouldBlock;
    } catch (caught) {
      error = caught as NodeJS.ErrnoException;
      return true;
    }
  });
  expect(error?.code).toBe('ECONNRESET');
  expect(server.read(new Uint8Array(1))).toBe(0);
});

test('what arrived behind a full queue before a reset is read, and the reset is not taken for the end', async () => {
  const listener = await listen();
  const { address, port } = listener.localAddr();
  const socket = net.connect(port, address);
  const server = await accept(listener);
  const total = 300_000;
  socket.write(new Uint8Array(total).fill(7));
  await new Promise((resolve) => setTimeout(resolve, 20));
  socket.resetAndDestroy();
  await once(socket, 'close');
  const buffer = new Uint8Array(5000);
  let received = 0;
  let code: unknown;
  await until(() => {
    try {
      for (;;) {
        const size = server.read(buffer);
        if (size === WouldBlock) return false;
        if (size === 0) return true;
        received += size;
      }
    } catch (error) {
      code = (error as NodeJS.ErrnoException).code;
      return false;
    }
  });
  expect(code).toBe('ECONNRESET');
  // What was still on its way is gone.
  expect(received).toBeGreaterThan(65536);
  expect(received).toBeLessThanOrEqual(total);
});

test('what Node itself held back when the reset came is read as well', async () => {
  const listener = await listen();
  const { address, port } = listener.localAddr();
  const socket = net.connect(port, address);
  const server = await accept(listener);
  const total = 70_000;
  socket.write(new Uint8Array(total));
  await until(() => server.peek(new Uint8Array(total)) === total);
  // Our queue is full, and Node is asked to pause, but reads on until its own is.
  socket.write(new Uint8Array(1000));
  await until(() => socket.writableLength === 0);
  await new Promise((resolve) => setTimeout(resolve, 50));
  const { poll, events } = watched(Interest.WRITABLE, server);
  socket.resetAndDestroy();
  await until(() => server.takeError() !== undefined);
  await poll.poll(events, 5000);
  let received = 0;
  const buffer = new Uint8Array(30_000);
  for (let size = some(server.read(buffer)); size > 0; size = some(server.read(buffer))) {
    received += size;
  }
  expect(received).toBe(total + 1000);
});

test('errors have Node’s shape', async () => {
  const listener = await listen();
  const { port } = listener.localAddr();
  const taken = await TcpListener.bind({ address: '127.0.0.1', port }).catch((error) => error);
  expect(taken).toMatchObject({
    code: 'EADDRINUSE',
    syscall: 'listen',
    address: '127.0.0.1',
    port,
    message: `listen EADDRINUSE: address already in use 127.0.0.1:${port}`,
  });
  const elsewhere = await TcpListener.bind('192.0.2.1:0').catch((error) => error);
  expect(elsewhere).toMatchObject({ code: 'EADDRNOTAVAIL', syscall: 'listen' });

  listener.close();
  const refused = own(TcpStream.connect({ address: '127.0.0.1', port }));
  const { poll, events } = watched(RW, refused);
  await poll.poll(events, 5000);
  expect(
    [...events].map((event) => ({ ...(event as unknown as { toJSON(): object }).toJSON() })),
  ).toEqual([
    {
      token: 0,
      readable: true,
      writable: true,
      error: true,
      readClosed: true,
      writeClosed: true,
      priority: false,
    },
  ]);
  const error = thrown(() => refused.finishConnect());
  expect(error).toMatchObject({
    code: 'ECONNREFUSED',
    syscall: 'connect',
    address: '127.0.0.1',
    port,
    message: `connect ECONNREFUSED 127.0.0.1:${port}`,
  });
  expect(error.errno).toBeLessThan(0);
  expect(thrown(() => refused.finishConnect())).toBe(error);
  expect(refused.takeError()).toBe(error);
  expect(refused.takeError()).toBeUndefined();
  expect(thrown(() => refused.finishConnect())).toBe(error);
  expect(refused.read(new Uint8Array(1))).toBe(0);
  expect(thrown(() => refused.write(bytes('x')))).toMatchObject({
    code: 'EPIPE',
    syscall: 'write',
    message: 'write EPIPE',
  });
  expect(thrown(() => refused.peerAddr())).toMatchObject({
    code: 'ENOTCONN',
    syscall: 'getpeername',
  });
  expect(thrown(() => refused.shutdown('both'))).toMatchObject({
    code: 'ENOTCONN',
    syscall: 'shutdown',
  });
});

test('a local address that is not ours is an error of the attempt', async () => {
  const listener = await listen();
  const client = own(TcpStream.connect(listener.localAddr(), { localAddress: '192.0.2.1' }));
  const { poll, events } = watched(Interest.WRITABLE, client);
  await poll.poll(events, 5000);
  expect(thrown(() => client.finishConnect()).code).toBe('EADDRNOTAVAIL');
});

test('PRIORITY throws, and leaves the registration as it was', async () => {
  const { client } = await pair();
  const { poll, events } = watched(Interest.WRITABLE, client);
  const { registry } = poll;
  const urgent = Interest.READABLE | Interest.PRIORITY;
  expect(thrown(() => registry.reregister(client, Token(5), urgent)).code).toBe(
    'EVLOOP_UNSUPPORTED',
  );
  await poll.poll(events, 5000);
  expect([...events].map(({ token, writable }) => ({ token, writable }))).toEqual([
    { token: 0, writable: true },
  ]);
  registry.deregister(client);
  expect(thrown(() => registry.register(client, Token(5), urgent)).code).toBe('EVLOOP_UNSUPPORTED');
  registry.register(client, Token(6), RW);
});

test('a closed stream does not wait for ever for a peer that sends and takes nothing', async () => {
  const listener = await listen();
  const { address, port } = listener.localAddr();
  const socket = net.connect(port, address).pause();
  let code: unknown;
  socket.on('error', (error: NodeJS.ErrnoException) => {
    code = error.code;
  });
  const server = await accept(listener);
  while (server.write(new Uint8Array(65536)) !== WouldBlock);
  const ticks = vi.spyOn(host, 'setInterval').mockReturnValue(0);
  server.close();
  expect(ticks.mock.calls.map(([, delayMs]) => delayMs)).toEqual([60_000]);
  ticks.mock.calls[0]?.[0]();
  ticks.mockRestore();
  await until(() => {
    socket.write('still here');
    return code !== undefined;
  });
  expect(code).toMatch(/ECONNRESET|EPIPE/);
});
