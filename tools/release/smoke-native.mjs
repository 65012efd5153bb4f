// Calls every function of @evloop/epoll's native objects at least once, then runs an echo with each
// way of waiting:
//
//   node tools/release/smoke-native.mjs <folder in which @evloop/epoll is installed>
//
// It asks for no test runner, so that it runs where there is none: another architecture under an
// emulator, say.
import assert from 'node:assert/strict';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';

const folder = join(process.argv[2], 'node_modules/@evloop/epoll');
const load = (file) => import(pathToFileURL(join(folder, 'dist', file)).href);
const { loadBinding, watch: watchObject, NAME_SIZE, sharedWords } = await load('native/binding.js');

const called = new Map();

/** Returns the object with functions that record their results: a count, or -errno. */
function noting(object, prefix) {
  const wrapped = {};
  for (const [name, value] of Object.entries(object)) {
    if (typeof value !== 'function') continue;
    called.set(prefix + name, undefined);
    wrapped[name] = (...args) => {
      const answer = value(...args);
      assert.ok(Number.isInteger(answer), `${prefix}${name} answered ${answer}`);
      called.set(prefix + name, Math.max(answer, called.get(prefix + name) ?? answer));
      return answer;
    };
  }
  return wrapped;
}

const { constants: c, ...functions } = loadBinding();
assert.ok(watchObject, 'no libuv watcher');
const native = noting(functions, '');
const watch = noting(watchObject, 'watch.');

const turn = () => new Promise((resolve) => setTimeout(resolve, 100));
/** More turns than anything needs. */
const PATIENCE = 600;
const bytes = Buffer.from('evloop');
const into = new Uint8Array(64);
const name = new Uint8Array(NAME_SIZE);

function loopback() {
  const address = new Uint8Array(NAME_SIZE);
  new Uint32Array(address.buffer)[0] = 16;
  new Uint16Array(address.buffer)[2] = c.AF_INET;
  address.set([127, 0, 0, 1], 8);
  return address;
}

function pairOf(type) {
  const out = new Int32Array(2);
  assert.equal(native.socketpair(c.AF_UNIX, type, 0, out), 0);
  return out;
}

function tcp() {
  const listener = native.socket(c.AF_INET, c.SOCK_STREAM, 0);
  native.bind(listener, loopback());
  native.listen(listener, 8);
  native.getsockname(listener, name);
  const client = native.socket(c.AF_INET, c.SOCK_STREAM, 0);
  native.connect(client, name);
  const served = native.accept4(listener, name);
  native.getpeername(client, name);
  const option = new Uint8Array(4);
  native.setsockopt(
    client,
    c.IPPROTO_TCP,
    c.TCP_NODELAY,
    new Uint8Array(new Int32Array([1]).buffer),
  );
  native.getsockopt(client, c.IPPROTO_TCP, c.TCP_NODELAY, option);
  assert.equal(new Int32Array(option.buffer)[0], 1);
  native.send(client, bytes, 0, 6, 0);
  assert.equal(native.recv(served, into, 0, 64, 0), 6);
  assert.equal(native.recv(served, into, 0, 64, 0), -c.EAGAIN);
  // The package's own words, which it continues to use.
  native.share(sharedWords);
  sharedWords.set([client, 0, 6, 0]);
  assert.equal(native.send(bytes), 6);
  sharedWords.set([served, 1, 63, 0]);
  assert.equal(native.recv(into), 6);
  native.shutdown(client, c.SHUT_WR);
  for (const fd of [listener, client, served]) assert.equal(native.close(fd), 0);
}

function datagrams() {
  const fd = native.socket(c.AF_INET, c.SOCK_DGRAM, 0);
  native.bind(fd, loopback());
  native.getsockname(fd, name);
  const self = name.slice();
  native.sendto(fd, bytes, 0, 6, 0, self);
  assert.equal(native.recvfrom(fd, into, 0, 64, 0, name), 6);
  native.sendmsg(fd, bytes, 0, 6, 0, self, new Uint32Array(26));
  assert.equal(native.recvfrom(fd, into, 0, 64, 0, name), 6);
  const batch = new Uint8Array(8 + 4 * c.META_STRIDE + c.NAME_STRIDE + 64);
  new Uint32Array(batch.buffer, 0, 5).set([1, 64, 0, 6, 1]);
  batch.set(self.subarray(0, c.NAME_STRIDE), 8 + 4 * c.META_STRIDE);
  native.sendmmsg(fd, batch, 0, 1, 0);
  assert.equal(native.recvmmsg(fd, batch, 0, 1, 0), 1);
  assert.equal(native.close(fd), 0);
}

function descriptors() {
  const out = new Int32Array(2);
  native.pipe2(out);
  native.write(out[1], bytes, 0, 6);
  const queued = new Int32Array(1);
  native.ioctl(out[0], c.FIONREAD, queued);
  assert.equal(queued[0], 6);
  assert.equal(native.read(out[0], into, 0, 64), 6);
  native.writev(out[1], [bytes, bytes]);
  assert.equal(native.readv(out[0], [into.subarray(0, 5), into.subarray(5)]), 12);
  native.fcntl(out[0], c.F_GETFL, 0);
  native.closeAtExit(0, new Int32Array(new SharedArrayBuffer(4))); // a word of 0: nothing to close
  const pair = pairOf(c.SOCK_STREAM);
  const received = new Int32Array(2);
  native.sendmsgFds(pair[0], bytes, 0, 6, out.subarray(0, 1), 0);
  assert.equal(native.recvmsgFds(pair[1], into, 0, 64, received, new Uint32Array(8), 0), 6);
  for (const fd of [...out, ...pair, received[0]]) assert.equal(native.close(fd), 0);
}

async function waits() {
  const epoll = native.epollCreate1();
  const event = native.eventfd(1);
  native.epollCtl(epoll, c.EPOLL_CTL_ADD, event, (c.EPOLLIN | c.EPOLLET) >>> 0, 7, 1);
  const flag = Int32Array.of(1);
  let woken = 0;
  const watcher = watch.create(epoll, flag, () => {
    woken += 1;
    flag[0] = 0;
  });
  watch.start(watcher);
  watch.unref(watcher);
  watch.ref(watcher);
  // An emulator is slow, and the loop may be anywhere in its turn.
  for (let i = 0; woken < 1 && i < PATIENCE; i++) await turn();
  assert.equal(woken, 1, 'the libuv watcher');
  watch.stop(watcher);
  watch.close(watcher);

  const thread = native.threadWaitCreate(epoll, () => {
    woken += 1;
  });
  native.threadWaitUnref(thread);
  native.threadWaitRef(thread);
  native.threadWaitArm(thread);
  for (let i = 0; woken < 2 && i < PATIENCE; i++) await turn();
  assert.equal(woken, 2, 'the waiting thread');
  native.threadWaitClose(thread);

  const events = new Uint32Array(c.EPOLL_EVENT_WORDS * 4);
  assert.equal(native.epollWait(epoll, new Uint8Array(events.buffer), 0, 4 * events.length, 0), 1);
  assert.deepEqual([events[c.EPOLL_DATA_LOW], events[c.EPOLL_DATA_HIGH]], [7, 1]);
  for (const fd of [event, epoll]) assert.equal(native.close(fd), 0);
}

/** Sends a line to a server and back, through the package's own exports. */
async function echo(wait) {
  const { Events, Interest, Poll, TcpListener, TcpStream, Token, WouldBlock } =
    await load('index.js');
  const poll = new Poll();
  const listener = TcpListener.bind('127.0.0.1:0');
  const client = TcpStream.connect(listener.localAddr());
  poll.registry.register(listener, Token(0), Interest.READABLE);
  poll.registry.register(client, Token(1), Interest.READABLE | Interest.WRITABLE);
  const events = new Events(8);
  let served;
  let sent = false;
  let answer = '';
  while (answer.length < bytes.length) {
    assert.notEqual(await wait(poll, events), 0, 'nothing happens');
    for (const { token } of events) {
      if (token === 0) {
        const stream = listener.accept();
        if (stream === WouldBlock) continue;
        served = stream;
        poll.registry.register(served, Token(2), Interest.READABLE);
      } else if (token === 1) {
        if (!sent && client.finishConnect() === true) sent = client.write(bytes) === bytes.length;
        const n = client.read(into);
        if (n !== WouldBlock) answer += Buffer.from(into.subarray(0, n)).toString();
      } else {
        const n = served.read(into);
        if (n !== WouldBlock) served.write(into.subarray(0, n));
      }
    }
  }
  assert.equal(answer, bytes.toString());
  for (const each of [client, served, listener, poll]) each.close();
}

tcp();
datagrams();
descriptors();
await waits();
await echo((poll, events) => poll.poll(events, 5000));
await echo((poll, events) => poll.pollSync(events, 5000));

const uncalled = [...called].filter(([, answer]) => answer === undefined).map(([name]) => name);
assert.deepEqual(uncalled, [], 'functions that this script does not call');
const refused = [...called].filter(([, answer]) => answer < 0);
const how = refused.map(([name, answer]) => `${name} ${answer}`).join(', ') || 'none';
console.log(
  `${process.platform} ${process.arch}, Node ${process.versions.node}: ${called.size} functions called (refused by the system: ${how}); echo with poll and pollSync`,
);
