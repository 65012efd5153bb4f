import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import { type DiagnosticMessages, Interest, Token, WouldBlock } from '@evloop/core';
import { expect, test } from 'vitest';
import { SourceFd, TcpListener, TcpStream, UnixStream } from '../../src/index.ts';
import { atEnd, bytes, code, own, tcpPair, tokens, watched } from '../support/fixture.ts';
import { runProgram } from '../support/program.ts';

const { READABLE, WRITABLE } = Interest;
const buffer = new Uint8Array(100);

test('system calls are counted, those that were saved too', () => {
  const { client, server } = tcpPair();
  const { poll, events } = watched(READABLE, server);
  const done = (run: () => void): [made: number, saved: number] => {
    const before = poll.stats().syscalls ?? { made: 0, saved: 0 };
    run();
    const { made, saved } = poll.stats().syscalls ?? { made: 0, saved: 0 };
    return [made - before.made, saved - before.saved];
  };
  // The client is registered with no poll, so that nobody counts its calls.
  expect(done(() => client.write(bytes('hello')))).toEqual([0, 0]);
  // More than one wait: a blocked thread comes up now and then.
  expect(done(() => expect(tokens(poll, events, 60_000)).toEqual([0]))[0]).toBeGreaterThan(0);
  expect(done(() => expect(server.read(buffer)).toBe(5))).toEqual([1, 0]);
  // The short read has said that there is no more.
  expect(done(() => expect(server.read(buffer)).toBe(WouldBlock))).toEqual([0, 1]);
  expect(done(() => expect(server.read(buffer)).toBe(WouldBlock))).toEqual([1, 0]);
  expect(done(() => server.write(bytes('hello')))).toEqual([1, 0]);
  expect(done(() => poll.pollSync(events, 0))).toEqual([1, 0]);
  expect(done(() => poll.registry.reregister(server, Token(1), WRITABLE))).toEqual([1, 0]);
  // What is partly taken fills the buffer, and the next write is answered here.
  tokens(poll, events, 60_000);
  const much = new Uint8Array(1 << 26);
  expect(done(() => expect(server.write(much)).toBeLessThan(much.length))).toEqual([1, 0]);
  expect(done(() => expect(server.write(much)).toBe(WouldBlock))).toEqual([0, 1]);
  expect(done(() => poll.registry.deregister(server))).toEqual([1, 0]);
  expect(done(() => server.read(buffer))).toEqual([0, 0]);
  expect(poll.stats()).toMatchObject({ events: 2, immediate: 0, turns: 0 });
});

test('immediate answers and turns of the loop are counted', async () => {
  const [near, far] = UnixStream.pair().map(own) as [UnixStream, UnixStream];
  const { poll, events } = watched(READABLE, near);
  far.write(bytes('x'));
  // Level by hand: reregistering tells of it again each time.
  for (let i = 0; i < 1000; i++) {
    expect(await poll.poll(events, 60_000)).toBe(1);
    poll.registry.reregister(near, Token(0), READABLE);
  }
  const { polls, events: reported, immediate, turns } = poll.stats();
  expect([polls, reported]).toEqual([1000, 1000]);
  // A turn after 64 answers, or earlier when the machine is busy.
  expect(turns).toBeGreaterThanOrEqual(Math.floor(1000 / 65));
  expect(immediate + turns).toBe(1000);
});

test('what the system refuses is told on the channel, once', async () => {
  const told: string[] = [];
  const listen = (message: unknown): void => {
    const { error } = message as DiagnosticMessages['evloop:error'];
    told.push((error as { code?: string }).code ?? error.message);
  };
  subscribe('evloop:error', listen);
  atEnd(() => unsubscribe('evloop:error', listen));
  const listener = TcpListener.bind('127.0.0.1:0');
  const address = listener.localAddr();
  listener.close();
  const stream = own(TcpStream.connect(address));
  const { poll, events } = watched(WRITABLE, stream);
  expect(tokens(poll, events, 60_000)).toEqual([0]);
  expect(code(() => stream.finishConnect())).toBe('ECONNREFUSED');
  expect(stream.takeError()?.code).toBe('ECONNREFUSED');
  expect(code(() => poll.registry.register(stream, Token(1), READABLE))).toBe(
    'EVLOOP_ALREADY_REGISTERED',
  );
  expect(code(() => poll.registry.register(own(new SourceFd(999_999)), Token(1), READABLE))).toBe(
    'EBADF',
  );
  expect(told).toEqual(['ECONNREFUSED', 'EVLOOP_ALREADY_REGISTERED', 'EBADF']);
});

test('NODE_DEBUG=evloop writes registrations, events and errors to standard error, in the form of util.debuglog', async () => {
  const { stdout, stderr } = await runProgram('traced.mjs', {
    env: { NODE_DEBUG: 'http2,EVLOOP', NO_COLOR: '1' },
  });
  const begin = `EVLOOP ${stdout.trim()}: `;
  expect(stderr.trimEnd().split('\n')).toEqual(
    [
      'register PipeReceiver, token 3, READABLE',
      'reregister PipeReceiver, token 4, READABLE | PRIORITY',
      'event token 4: readable',
      'deregister PipeReceiver, token 4',
      'error EPIPE: write EPIPE',
      'error EVLOOP_CLOSED: the source is closed',
    ].map((line) => begin + line),
  );
});

test('without NODE_DEBUG, or for others, nothing is written', async () => {
  const { stderr } = await runProgram('traced.mjs', { env: { NODE_DEBUG: 'evloops' } });
  expect(stderr).toBe('');
});
