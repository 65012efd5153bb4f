// What a corked poll does with writes: see `PollConstructorOptions.cork`.
import { Events, Interest, Token, WouldBlock } from '@evloop/core';
import { describe, expect, test } from 'vitest';
import { Poll, type TcpStream, UnixStream } from '../../src/index.ts';
import { bytes, code, filled, own, tcpPair } from '../support/fixture.ts';

const BOTH = Interest.READABLE | Interest.WRITABLE;

interface Corked {
  readonly poll: Poll;
  readonly events: Events;
  readonly server: TcpStream;
  readonly client: TcpStream;
}

/** A connection whose server is registered with a corked poll, and has written before. */
function corkedPair(): Corked {
  const { client, server } = tcpPair();
  const poll = own(new Poll({ cork: true }));
  const events = new Events(16);
  poll.registry.register(server, Token(1), BOTH);
  expect(poll.pollSync(events, 1000)).toBe(1);
  expect(server.write(bytes('first'))).toBe(5);
  expect(receive(client, 5)).toBe('first');
  return { poll, events, server, client };
}

/** What has arrived, without waiting. */
function arrived(stream: { read(buffer: Uint8Array): number | WouldBlock }): string {
  const buffer = new Uint8Array(65536);
  const size = stream.read(buffer);
  return size === WouldBlock ? '' : new TextDecoder().decode(buffer.subarray(0, size));
}

/** Waits for so many bytes. */
function receive(stream: TcpStream, length: number): string {
  const poll = new Poll();
  const events = new Events(1);
  poll.registry.register(stream, Token(0), Interest.READABLE);
  let got = '';
  while (got.length < length && poll.pollSync(events, 5000) > 0) {
    for (let part = arrived(stream); part !== ''; part = arrived(stream)) got += part;
  }
  poll.close();
  return got;
}

/** Polls until the client has everything, and returns how much that was. */
function exchange({ poll, events, client }: Corked, expected: number): number {
  const buffer = new Uint8Array(1 << 20);
  let got = 0;
  for (let idle = 0; got < expected && idle < 1000; idle++) {
    for (let n = client.read(buffer); n !== WouldBlock && n !== 0; n = client.read(buffer)) {
      got += n;
      idle = 0;
    }
    poll.pollSync(events, 10);
  }
  return got;
}

/** Writes until the kernel and the cork take no more. @returns the bytes that were taken. */
function fill(server: TcpStream, poll: Poll, events: Events): number {
  const chunk = filled(16384);
  let taken = 0;
  for (;;) {
    const n = server.write(chunk);
    if (n === WouldBlock) return taken;
    taken += n;
    if (poll.stats().cork?.deferred) return taken;
    poll.pollSync(events, 0);
  }
}

describe('a corked poll', () => {
  test('sends what was written in a batch at the next wait, in order', () => {
    const { poll, events, server, client } = corkedPair();
    expect(server.write(bytes('one '))).toBe(4);
    expect(server.write(filled(200, 46))).toBe(200);
    expect(server.write(bytes('two'), 1, 2)).toBe(2);
    expect(arrived(client)).toBe('');
    poll.pollSync(events, 0);
    expect(receive(client, 206)).toBe(`one ${'.'.repeat(200)}wo`);
    expect(poll.stats().cork).toEqual({ corked: 3, flushed: 1, deferred: 0, refused: 0 });
  });

  test('keeps the order of one stream when others write in between', () => {
    const first = corkedPair();
    const { client, server } = tcpPair();
    first.poll.registry.register(server, Token(2), BOTH);
    first.poll.pollSync(first.events, 1000);
    server.write(bytes('x'));
    for (let i = 0; i < 300; i++) {
      first.server.write(bytes(`${i} `));
      server.write(bytes(`${i} `));
    }
    first.poll.pollSync(first.events, 0);
    const expected = Array.from({ length: 300 }, (_, i) => `${i} `).join('');
    expect(receive(first.client, expected.length)).toBe(expected);
    expect(receive(client, expected.length + 1)).toBe(`x${expected}`);
  });

  test('sends at the end of the run of JavaScript if the program does not poll', async () => {
    const { server, client } = corkedPair();
    server.write(bytes('later'));
    expect(arrived(client)).toBe('');
    await Promise.resolve();
    await Promise.resolve();
    expect(receive(client, 5)).toBe('later');
  });

  test('sends large writes and writes while a poll is pending at once, behind what is held', async () => {
    const { poll, events, server, client } = corkedPair();
    server.write(bytes('small'));
    expect(server.write(filled(16385, 46))).toBe(16385);
    expect(receive(client, 5 + 16385)).toBe(`small${'.'.repeat(16385)}`);
    const pending = poll.poll(events, 60_000, { signal: AbortSignal.timeout(60_000) });
    server.write(bytes('now'));
    expect(receive(client, 3)).toBe('now');
    client.write(bytes('end'));
    expect(await pending).toBe(1);
  });

  test.each([
    ['writev', (s: TcpStream) => void s.writev([bytes('!')])],
    ['shutdown', (s: TcpStream) => s.shutdown('write')],
    ['close', (s: TcpStream) => s.close()],
    ['setSocketOption', (s: TcpStream) => s.setSocketOption('nodelay', true)],
    ['the descriptor', (s: TcpStream) => void s.fd],
    ['deregister', (s: TcpStream, poll: Poll) => poll.registry.deregister(s)],
    ['closing the poll', (_: TcpStream, poll: Poll) => poll.close()],
  ])('sends what is held before %s', (name, operation) => {
    const { poll, server, client } = corkedPair();
    server.write(bytes('held'));
    operation(server, poll);
    const expected = name === 'writev' ? 'held!' : 'held';
    expect(receive(client, expected.length)).toBe(expected);
  });

  test('holds what the kernel does not take, in order, and takes no more until it is gone', () => {
    const pair = corkedPair();
    const { poll, events, server } = pair;
    server.setSocketOption('sendBufferSize', 8192);
    const taken = fill(server, poll, events);
    expect(server.write(bytes('x'))).toBe(WouldBlock);
    expect(server.writev([bytes('x')])).toBe(WouldBlock);
    expect(code(() => server.intoFd())).toBe('EVLOOP_BUSY');
    expect(exchange(pair, taken)).toBe(taken);
    // Writable is reported once the rest is gone, although the program asked long before.
    expect(server.write(bytes('more'))).toBe(4);
    expect(exchange(pair, 4)).toBe(4);
    expect(poll.stats().cork?.deferred).toBeGreaterThan(0);
  });

  test('reports a stream as writable when the kernel has taken the rest', () => {
    const pair = corkedPair();
    const { poll, events, server, client } = pair;
    server.setSocketOption('sendBufferSize', 8192);
    const taken = fill(server, poll, events);
    expect(server.write(bytes('x'))).toBe(WouldBlock);
    const buffer = new Uint8Array(1 << 20);
    let writable = false;
    let got = 0;
    while (!writable) {
      for (let n = client.read(buffer); n !== WouldBlock; n = client.read(buffer)) got += n;
      poll.pollSync(events, 1000);
      writable = [...events].some((event) => event.writable && server.write(bytes('x')) === 1);
    }
    expect(exchange(pair, taken + 1 - got)).toBe(taken + 1 - got);
  });

  test('reports it also when the kernel reported the stream before the rest was sent', () => {
    const pair = corkedPair();
    const { poll, server, client } = pair;
    server.setSocketOption('sendBufferSize', 8192);
    const taken = fill(server, poll, pair.events);
    expect(server.write(bytes('x'))).toBe(WouldBlock);
    // The kernel reports the entry first that was added last. With room for one event, the stream
    // and the rest are then reported by two waits, in this order.
    poll.registry.deregister(server);
    poll.registry.register(server, Token(1), BOTH);
    const one = new Events(1);
    const buffer = new Uint8Array(1 << 20);
    let got = 0;
    let last: number | WouldBlock = WouldBlock;
    for (let turn = 0; last === WouldBlock && turn < 1000; turn++) {
      for (let n = client.read(buffer); n !== WouldBlock; n = client.read(buffer)) got += n;
      const count = poll.pollSync(one, got < taken ? 20 : 1000);
      if (got === taken) expect(count, 'the stream is reported').toBe(1);
      for (const event of one) if (event.writable) last = server.write(bytes('x'));
    }
    expect(last).toBe(1);
  });

  test.each(['close', 'shutdown'] as const)(
    '%s waits for bytes that the kernel did not take',
    (how) => {
      const pair = corkedPair();
      const { poll, events, server, client } = pair;
      server.setSocketOption('sendBufferSize', 8192);
      const taken = fill(server, poll, events);
      if (how === 'close') server.close();
      else server.shutdown('write');
      if (how === 'shutdown') expect(code(() => server.write(bytes('x')))).toBe('EPIPE');
      expect(exchange(pair, taken)).toBe(taken);
      const end = new Poll();
      end.registry.register(client, Token(0), Interest.READABLE);
      while (client.read(new Uint8Array(1)) !== 0) end.pollSync(new Events(1), 1000);
      end.close();
    },
  );

  test('closing a poll makes unsent bytes an error of their stream', () => {
    const { poll, events, server } = corkedPair();
    server.setSocketOption('sendBufferSize', 8192);
    fill(server, poll, events);
    poll.close();
    expect(code(() => server.write(bytes('x')))).toBe('ECANCELED');
  });

  test('an error comes one event later, and the next operation throws it', () => {
    const { poll, events, server, client } = corkedPair();
    client.setSocketOption('linger', 0);
    client.close();
    poll.pollSync(events, 1000);
    // The stream has seen the reset, so its writes are sent at once, and fail at once.
    expect(code(() => server.write(bytes('x')))).toMatch(/ECONNRESET|EPIPE/);
    poll.pollSync(events, 0);

    const other = corkedPair();
    other.server.write(bytes('held'));
    other.client.setSocketOption('linger', 0);
    other.client.close();
    expect(other.poll.pollSync(other.events, 1000)).toBe(1);
    expect([...other.events].map((event) => event.error)).toEqual([true]);
    expect(code(() => other.server.write(bytes('x')))).toMatch(/ECONNRESET|EPIPE/);
    expect(other.poll.stats().cork?.refused).toBe(1);
  });

  test.each([
    ['read', (s: UnixStream, buffer: Uint8Array) => s.read(buffer)],
    ['peek', (s: UnixStream, buffer: Uint8Array) => s.peek(buffer)],
    ['readv', (s: UnixStream, buffer: Uint8Array) => s.readv([buffer])],
  ])('%s throws it when nothing is left to read', (_, operation) => {
    const [left, right] = UnixStream.pair();
    own(left);
    own(right);
    const poll = own(new Poll({ cork: true }));
    const events = new Events(4);
    poll.registry.register(left, Token(0), BOTH);
    poll.pollSync(events, 1000);
    left.write(bytes('first'));
    right.write(bytes('left to read'));
    left.write(bytes('held'));
    right.shutdown('read');
    expect(poll.pollSync(events, 1000)).toBe(1);
    expect([...events].map((event) => event.error)).toEqual([true]);
    expect(arrived(left)).toBe('left to read');
    expect(code(() => operation(left, new Uint8Array(1)))).toBe('EPIPE');
    expect(operation(left, new Uint8Array(1))).toBe(WouldBlock);
  });

  test('takeError takes the error of a held write', () => {
    const { poll, events, server, client } = corkedPair();
    server.write(bytes('held'));
    client.setSocketOption('linger', 0);
    client.close();
    poll.pollSync(events, 1000);
    expect(server.takeError()?.code).toMatch(/ECONNRESET|EPIPE/);
  });

  test('the bytes of a write belong to the caller again', () => {
    const { poll, events, server, client } = corkedPair();
    for (const size of [3, 300]) {
      const buffer = filled(size, 65);
      server.write(buffer);
      buffer.fill(66);
      poll.pollSync(events, 0);
      expect(receive(client, size)).toBe('A'.repeat(size));
    }
  });

  test('invalid arguments are rejected as without a cork, and nothing is sent', () => {
    const { poll, events, server, client } = corkedPair();
    expect(() => server.write(new Uint8Array(4), 2, 3)).toThrow(RangeError);
    expect(() => server.write('text' as unknown as Uint8Array, 0, 4)).toThrow(TypeError);
    const gone = new Uint8Array(300);
    structuredClone(gone.buffer, { transfer: [gone.buffer] });
    expect(() => server.write(gone, 0, 300)).toThrow();
    server.write(bytes('ok'));
    poll.pollSync(events, 0);
    expect(receive(client, 2)).toBe('ok');
  });

  test('Unix streams are corked, too', () => {
    const [left, right] = UnixStream.pair();
    own(left);
    own(right);
    const poll = own(new Poll({ cork: true }));
    const events = new Events(4);
    poll.registry.register(left, Token(0), BOTH);
    poll.pollSync(events, 1000);
    left.write(bytes('1'));
    left.write(bytes('2'));
    expect(arrived(right)).toBe('1');
    poll.pollSync(events, 0);
    expect(arrived(right)).toBe('2');
  });

  test('the option is a boolean', () => {
    expect(() => new Poll({ cork: 1 as unknown as boolean })).toThrow(TypeError);
    expect(() => new Poll(true as unknown as object)).toThrow(TypeError);
    expect(own(new Poll({})).stats().cork).toBeUndefined();
  });
});
