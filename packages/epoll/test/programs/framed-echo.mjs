// An echo server of messages, to be run under `strace --inject`: framed-echo.mjs WAY WAIT [short]
//
// A message is its length, in four bytes, and so many bytes. It is echoed once all of it has come,
// so the writes do not depend on how the kernel cut what was read. An empty message ends the
// server, which prints what its connections failed with, in order. WAY is exact or corked, and WAIT
// is sync or async. With `short` its send buffers are as small as the kernel makes them.
//
// Level-triggered: strace injects EAGAIN where the kernel knows of none, so that no edge follows.
import { Events, Interest, Mode, Poll, TcpListener, Token, WouldBlock } from '@evloop/epoll';

const [way, wait, short] = process.argv.slice(2);
const poll = new Poll({ cork: way === 'corked' });
const events = new Events(64);
const socket = short === undefined ? {} : { sendBufferSize: 1 };
const listener = TcpListener.bind('127.0.0.1:0', { socket });
poll.registry.register(listener, Token(0), Interest.READABLE | Mode.LEVEL);
process.stdout.write(`${listener.localAddr().port}\n`);

const READING = Interest.READABLE | Mode.LEVEL;
const WRITING = READING | Interest.WRITABLE;
const buffer = new Uint8Array(65536);
const connections = new Map();
const codes = [];
let last = 0;
let over = false;

while (!over) {
  if (wait === 'sync') poll.pollSync(events);
  else await poll.poll(events);
  for (const { token } of events) {
    if (token === 0) acceptAll();
    else if (connections.has(token)) serve(token, connections.get(token));
  }
}
console.log(JSON.stringify({ codes, open: connections.size, cork: poll.stats().cork }));
process.exit();

function acceptAll() {
  for (let stream = listener.accept(); stream !== WouldBlock; stream = listener.accept()) {
    connections.set(++last, { stream, input: Buffer.alloc(0), output: [], interest: READING });
    poll.registry.register(stream, Token(last), READING);
  }
}

function serve(token, connection) {
  const { stream } = connection;
  try {
    for (;;) {
      flush(connection);
      const size = stream.read(buffer);
      if (size === 0) return close(token);
      if (size === WouldBlock) break;
      connection.input = Buffer.concat([connection.input, buffer.subarray(0, size)]);
      take(connection);
    }
    const interest = connection.output.length > 0 ? WRITING : READING;
    if (interest !== connection.interest) {
      connection.interest = interest;
      poll.registry.reregister(stream, Token(token), interest);
    }
  } catch (error) {
    codes.push(error.code);
    close(token);
  }
}

function take(connection) {
  const { input, output } = connection;
  let at = 0;
  while (input.length >= at + 4 && input.length >= at + 4 + input.readUInt32LE(at)) {
    const end = at + 4 + input.readUInt32LE(at);
    if (end === at + 4) over = true;
    output.push(input.subarray(at, end));
    at = end;
  }
  connection.input = input.subarray(at);
}

function flush({ stream, output }) {
  while (output.length > 0) {
    const size = stream.write(output[0]);
    if (size === WouldBlock) return;
    if (size < output[0].length) output[0] = output[0].subarray(size);
    else output.shift();
  }
}

function close(token) {
  connections.get(token).stream.close();
  connections.delete(token);
}
