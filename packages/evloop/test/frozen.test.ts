import { expect, test } from 'vitest';
import { runNode } from './run-node.ts';

const PROGRAM = `
import { Events, Interest, Poll, TcpListener, TcpStream, Token, UdpSocket, UnixListener } from 'evloop';
import { tmpdir } from 'node:os';
if (process.env['CHANGE'] === 'freeze') Object.freeze(Error);
if (process.env['CHANGE'] === 'array') Error.prepareStackTrace = (_, sites) => sites;

const poll = new Poll();
const events = new Events(8);
const listener = await TcpListener.bind('127.0.0.1:0');
const datagrams = await UdpSocket.bind('127.0.0.1:0');
const named = await UnixListener.bind(\`\${tmpdir()}/evloop-frozen-\${process.pid}\`, { unlinkOnClose: true });
const client = TcpStream.connect(listener.localAddr());
poll.registry.register(listener, Token(0), Interest.READABLE);
await poll.poll(events, 60_000);
const server = listener.accept();
const errors = [];
for (const run of [
  () => poll.registry.register(listener, Token(0), Interest.READABLE),
  () => Token(-1),
  () => server.read(new Uint8Array(0)),
  () => TcpStream.connect('nowhere'),
]) {
  try {
    run();
  } catch (error) {
    errors.push(error.code ?? error.name);
  }
}
try {
  await UdpSocket.bind(datagrams.localAddr());
} catch (error) {
  errors.push(error.code);
}
for (const source of [poll, listener, datagrams, named, client, server]) source.close();

// Lost, and reported.
const warnings = [];
process.on('warning', (warning) => warnings.push(warning.code));
await (async () => void (await UdpSocket.bind('127.0.0.1:0')))();
while (!warnings.includes('EVLOOP_LOST_SOURCE')) {
  await new Promise((resolve) => setTimeout(resolve, 1));
  globalThis.gc();
}
console.log(JSON.stringify(errors));
`;

const EXPECTED = [
  'EVLOOP_ALREADY_REGISTERED',
  'RangeError',
  'RangeError',
  'TypeError',
  'EADDRINUSE',
];

test.each([
  ['epoll', 'a frozen Error', 'freeze', []],
  ['epoll', 'frozen intrinsics', '', ['--frozen-intrinsics']],
  ['epoll', 'stack traces that are arrays', 'array', []],
  ['net', 'a frozen Error', 'freeze', []],
  ['net', 'stack traces that are arrays', 'array', []],
])('on %s sources are made, fail and are lost as usual with %s', (backend, _, change, flags) => {
  const args = ['--expose-gc', ...flags, '--input-type=module', '-e', PROGRAM];
  const { code, stdout, stderr } = runNode(args, { EVLOOP_BACKEND: backend, CHANGE: change });
  expect(code, stderr).toBe(0);
  expect(JSON.parse(stdout)).toEqual(EXPECTED);
});
