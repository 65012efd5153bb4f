import { platform } from 'node:os';
import * as net from '@evloop/net';
import { needsNative, onlyIf } from '@evloop/testing';
import { describe, expect, test } from 'vitest';
import * as evloop from '../src/index.ts';
import { NO_NATIVE, runNode, runProgram } from './run-node.ts';

const linux = platform() === 'linux';

test('exports what every backend exports', onlyIf(linux, 'epoll is Linux only'), async () => {
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

  test('EVLOOP_BACKEND=sim is the network of the simulated host', () => {
    const simulation = `
      import { simulate } from '@evloop/sim';
      await simulate({}, async (sim) => {
        sim.host('one', async () => {${ECHO.replace(/import (\{.*\}) from 'evloop';/, (_, names) => `const ${names} = await import('evloop');`)}});
        await sim.run();
      });`;
    expect(runProgram(simulation, { EVLOOP_BACKEND: 'sim' })).toMatchObject({
      stdout: 'sim hello\n',
      stderr: '',
    });
  });

  test('EVLOOP_BACKEND=sim outside of a simulation says so', () => {
    const poll =
      "import { Poll } from 'evloop'; try { new Poll() } catch (e) { console.log(e.message) }";
    expect(runProgram(poll, { EVLOOP_BACKEND: 'sim' }).stdout).toMatch(
      /^this code does not run inside a simulated host/,
    );
  });

  test('epoll where its object loads', onlyIf(linux, 'epoll is Linux only'), () => {
    const epoll = { stdout: 'epoll hello\n', stderr: '' };
    expect(runProgram(ECHO)).toMatchObject(epoll);
    expect(runProgram(ECHO, { EVLOOP_BACKEND: 'epoll' })).toMatchObject(epoll);
  });

  test.each([
    ['require', "console.log(require('evloop').name);", ['-e']],
    ['import', "import { name } from 'evloop'; console.log(name);", ['--input-type=module', '-e']],
  ])('%s gives the same backend', (_, program, flags) => {
    const { code, stdout, stderr } = runNode([...flags, program], { EVLOOP_BACKEND: 'net' });
    expect({ code, stdout, stderr }).toEqual({ code: 0, stdout: 'net\n', stderr: '' });
  });

  test('net where no native object loads: one warning says why and what to do', needsNative, () => {
    const { code, stdout, stderr } = runProgram(SHOW_NAME, NO_NATIVE);
    expect({ code, stdout }).toEqual({ code: 0, stdout: 'net\n' });
    expect(stderr.match(/EVLOOP_FALLBACK/g)).toHaveLength(1);
    expect(stderr).toContain('evloop runs on net, not on epoll: the native object cannot be');
    expect(stderr).toContain('To use epoll: allow addons');
    expect(stderr).toContain('To silence this: EVLOOP_BACKEND=net.');
  });

  test(
    'a warning is not repeated by the threads that come after it',
    onlyIf(linux, 'epoll is Linux only'),
    () => {
      const program = `
      import 'evloop';
      import { Worker } from 'node:worker_threads';
      for (let i = 0; i < 2; i++) new Worker("import('evloop')", { eval: true });
    `;
      const { code, stderr } = runProgram(program, NO_NATIVE);
      expect(code).toBe(0);
      expect(stderr.match(/EVLOOP_FALLBACK/g)).toHaveLength(1);
    },
  );

  test('EVLOOP_BACKEND=net silences the warning', () => {
    const { stdout, stderr } = runProgram(SHOW_NAME, { ...NO_NATIVE, EVLOOP_BACKEND: 'net' });
    expect({ stdout, stderr }).toEqual({ stdout: 'net\n', stderr: '' });
  });

  test('the trace says why a backend is passed over', onlyIf(linux, 'epoll is Linux only'), () => {
    const { stderr } = runProgram(SHOW_NAME, { ...NO_NATIVE, NODE_DEBUG: 'evloop' });
    expect(stderr).toMatch(/epoll is not available: .*\n.*the backend is net/s);
  });

  test(
    'a forced epoll without its object is an error that says why',
    onlyIf(linux, 'epoll is Linux only'),
    () => {
      const { stdout } = runProgram(SHOW_ERROR, { ...NO_NATIVE, EVLOOP_BACKEND: 'epoll' });
      expect(stdout).toMatch(
        /^EVLOOP_UNSUPPORTED EVLOOP_BACKEND=epoll: this backend cannot run here: .*addons is disabled/,
      );
    },
  );

  test('an unknown backend is an error', () => {
    expect(runProgram(SHOW_ERROR, { EVLOOP_BACKEND: 'kqueue' }).stdout).toBe(
      "EVLOOP_UNSUPPORTED invalid EVLOOP_BACKEND: 'kqueue' (expected epoll or net)\n",
    );
  });

  test.each(['relative', '/nonexistent'])(
    'EVLOOP_NATIVE_DIR=%s is an error',
    onlyIf(linux, 'epoll is Linux only'),
    (folder) => {
      const { stdout } = runProgram(SHOW_ERROR, { EVLOOP_NATIVE_DIR: folder });
      expect(stdout).toContain(`EVLOOP_UNSUPPORTED invalid EVLOOP_NATIVE_DIR: '${folder}' (`);
      const net = runProgram(SHOW_NAME, { EVLOOP_NATIVE_DIR: folder, EVLOOP_BACKEND: 'net' });
      expect(net).toMatchObject({ stdout: 'net\n', stderr: '' });
    },
  );

  test('a variable LIBC, which has another purpose, changes nothing', needsNative, () => {
    expect(runProgram(SHOW_NAME, { LIBC: 'musl' })).toMatchObject({
      stdout: 'epoll\n',
      stderr: '',
    });
  });
});
