import { platform } from 'node:os';
import * as net from '@evloop/net';
import { describe, expect, test } from 'vitest';
import * as evloop from '../src/index.ts';
import { NO_NATIVE, runProgram } from './run-node.ts';

const linux = platform() === 'linux';

test.runIf(linux)('exports what every backend exports', async () => {
  const epoll = await import('@evloop/epoll');
  const shared = Object.keys(net).filter((name) => name in epoll);
  expect(Object.keys(evloop)).toEqual(expect.arrayContaining(shared));
});

test('exports nothing that net lacks', () => {
  expect(Object.keys(net)).toEqual(expect.arrayContaining(Object.keys(evloop)));
});

const SHOW_NAME = "import { name } from 'evloop'; console.log(name);";
const SHOW_ERROR = "import('evloop').catch(({ code, message }) => console.log(code, message));";
// One line to an echo server and back, through one poll.
const ECHO = `
  import { Events, Interest, name, Poll, TcpListener, TcpStream, Token, WouldBlock } from 'evloop';
  const poll = new Poll();
  const listener = await TcpListener.bind('127.0.0.1:0');
  const client = TcpStream.connect(listener.localAddr());
  poll.registry.register(listener, Token(0), Interest.READABLE);
  poll.registry.register(client, Token(1), Interest.READABLE | Interest.WRITABLE);
  const events = new Events(8);
  const bytes = new Uint8Array(64);
  let served, sent = false, answer = '';
  while (answer.length < 5) {
    if ((await poll.poll(events, 5000)) === 0) throw new Error('nothing happens');
    for (const { token } of events) {
      if (token === 0) {
        const stream = listener.accept();
        if (stream === WouldBlock) continue;
        served = stream;
        poll.registry.register(served, Token(2), Interest.READABLE);
      } else if (token === 1) {
        if (!sent && client.finishConnect() === true) sent = client.write(Buffer.from('hello')) === 5;
        const n = client.read(bytes);
        if (n !== WouldBlock) answer += Buffer.from(bytes.subarray(0, n));
      } else {
        for (let n; (n = served.read(bytes)) !== WouldBlock && n > 0; ) served.write(bytes.subarray(0, n));
      }
    }
  }
  for (const each of [client, served, listener, poll]) each.close();
  console.log(name, answer);
`;

describe('in a process of its own', () => {
  test('EVLOOP_BACKEND=net is net', () => {
    expect(runProgram(ECHO, { EVLOOP_BACKEND: 'net' })).toMatchObject({
      stdout: 'net hello\n',
      stderr: '',
    });
  });

  test.runIf(linux)('epoll where its object loads', () => {
    const epoll = { stdout: 'epoll hello\n', stderr: '' };
    expect(runProgram(ECHO)).toMatchObject(epoll);
    expect(runProgram(ECHO, { EVLOOP_BACKEND: 'epoll' })).toMatchObject(epoll);
  });

  test('net where no native object loads, and the trace says why', () => {
    expect(runProgram(SHOW_NAME, NO_NATIVE)).toMatchObject({ stdout: 'net\n', stderr: '' });
    const traced = runProgram(SHOW_NAME, { ...NO_NATIVE, NODE_DEBUG: 'evloop' });
    expect(traced.stderr).toMatch(/epoll is not available: .*\n.*the backend is net/s);
  });

  test('a forced epoll without its object is an error that says why', () => {
    const { stdout } = runProgram(SHOW_ERROR, { ...NO_NATIVE, EVLOOP_BACKEND: 'epoll' });
    expect(stdout).toMatch(
      /^EVLOOP_UNSUPPORTED EVLOOP_BACKEND=epoll: this backend cannot be loaded: /,
    );
    if (linux) expect(stdout).toContain("Cannot find module '/nonexistent/epoll.node'");
  });

  test('an unknown backend is an error', () => {
    expect(runProgram(SHOW_ERROR, { EVLOOP_BACKEND: 'kqueue' }).stdout).toBe(
      'EVLOOP_UNSUPPORTED EVLOOP_BACKEND=kqueue: there is no such backend; use epoll or net\n',
    );
  });
});
