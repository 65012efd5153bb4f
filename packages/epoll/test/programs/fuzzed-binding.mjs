// Calls every native function with arguments of all kinds: fuzzed-binding.mjs calls seed. For
// sanitizers; see sanitize.sh.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { loadBinding, sharedWords } from '../../dist/native/binding.js';
import * as messageCalls from '../../dist/native/message-calls.js';

const CALLS = Number(process.argv[2] ?? 1_000_000);
const SEED = Number(process.argv[3] ?? 1);
const native = loadBinding();
const c = native.constants;

// Sockets in the file system get a place of their own.
const folder = mkdtempSync(join(tmpdir(), 'evloop-fuzz-'));
process.chdir(folder);
process.on('exit', () => rmSync(folder, { recursive: true, force: true }));

let state = SEED >>> 0;
function random(below) {
  state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
  return Math.floor((state / 2 ** 32) * below);
}
const pick = (list) => list[random(list.length)];

/**
 * Descriptors that are ours. Others, which are Node's, are never named: closing them is no fault of
 * the native layer.
 */
const pool = [];
const interesting = Object.values(c).filter((value) => Math.abs(value) < 2 ** 31);
const nonsense = [
  undefined,
  null,
  Number.NaN,
  Infinity,
  -Infinity,
  -0,
  0.5,
  2 ** 31,
  2 ** 32,
  -(2 ** 40),
  '1',
  1n,
  {},
  [],
  true,
  Symbol('s'),
];

const wrongly = (make) => (random(12) === 0 ? pick(nonsense) : make());
const descriptor = () =>
  wrongly(() =>
    random(10) === 0 ? pick([-1, 2 ** 31 - 1, 999_999, -(2 ** 31)]) : (pick(pool) ?? -1),
  );
const integer = () =>
  wrongly(() => pick([random(4), random(256), pick(interesting), -1, 2 ** 31 - 1]));
const length = () => wrongly(() => pick([0, 1, random(64), random(64), 2 ** 32 - 1, 2 ** 31]));

function memory(bytes) {
  switch (random(6)) {
    case 0:
      return new SharedArrayBuffer(bytes);
    case 1:
      return new ArrayBuffer(bytes, { maxByteLength: bytes + 64 });
    case 2:
      return new SharedArrayBuffer(bytes, { maxByteLength: bytes + 64 });
    default:
      return new ArrayBuffer(bytes);
  }
}

function array(Type, words) {
  return wrongly(() => {
    const Other = random(20) === 0 ? pick([Int8Array, Float64Array, Uint16Array, DataView]) : Type;
    const buffer = memory(words * 8);
    if (random(8) === 0 && buffer.byteLength >= 16) return new Other(buffer, 8);
    const made = new Other(buffer);
    // Resized below the view: out of bounds, or shorter.
    if (buffer.resizable && random(2) === 0) buffer.resize(random(buffer.byteLength + 1));
    else if (random(12) === 0 && buffer instanceof ArrayBuffer)
      structuredClone(buffer, { transfer: [buffer] });
    return made;
  });
}

/** `undefined` where the memory is gone. */
function viewOf(bytes) {
  try {
    return new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  } catch {
    return undefined;
  }
}

/** Loopback, a short Unix path, or garbage of no family: no packet leaves the machine. */
function name() {
  const bytes = array(Uint8Array, 17);
  if (!(bytes instanceof Uint8Array) || bytes.length < 20) return bytes;
  const view = viewOf(bytes);
  if (view === undefined) return bytes;
  view.setUint32(0, pick([16, 28, 110, 2, 0, random(200), 2 ** 32 - 1]), true);
  view.setUint16(4, pick([c.AF_INET, c.AF_INET6, c.AF_UNIX, 0, 77]), true);
  view.setUint16(6, random(65536));
  bytes.set([127, 0, 0, 1], 8);
  if (view.getUint16(4, true) === c.AF_UNIX) bytes[6] = random(2) === 0 ? 0 : 97 + random(26);
  return bytes;
}

const slice = () => [array(Uint8Array, random(16)), length(), length()];
const shared = () => wrongly(() => new Int32Array(new SharedArrayBuffer(4 * random(8))));
const flags = () =>
  wrongly(() =>
    pick([0, c.MSG_PEEK, c.MSG_TRUNC, c.MSG_OOB, c.MSG_ERRQUEUE, 0x4000000, integer()]),
  );
/** Words 3 to 14 of a message: any control data, now and then with every part. */
const controlWord = () => pick([0, 0, 1, 31, 63, random(256), random(2 ** 32)]);
const message = () => {
  const made = array(Uint32Array, random(6) === 0 ? random(20) : 13);
  if (made instanceof Uint32Array) for (let i = 0; i < made.length; i++) made[i] = controlWord();
  return made;
};
const metas = () => array(Uint32Array, random(40));
/** Copies a name, as much of it as there is and as finds room. */
function putName(into, at, room) {
  const from = name();
  if (!(from instanceof Uint8Array)) return;
  for (let i = 0; i < room && i < from.length && at + i < into.length; i++) into[at + i] = from[i];
}

/** The memory of a batch: mostly a real one, whose messages say anything. */
const batch = () => {
  const capacity = random(4);
  const slot = random(20);
  const made = array(Uint8Array, 1 + Math.ceil((capacity * (60 + 32 + slot)) / 8));
  if (!(made instanceof Uint8Array) || made.length < 8) return made;
  const view = viewOf(made);
  if (view === undefined) return made;
  view.setUint32(0, random(10) === 0 ? random(2 ** 32) : capacity, true);
  view.setUint32(4, random(10) === 0 ? random(2 ** 32) : slot, true);
  for (let at = 8; at < 8 + 60 * capacity && at + 4 <= made.length; at += 4) {
    view.setUint32(at, pick([0, 1, random(30), random(30), random(2 ** 32)]), true);
  }
  for (let i = 0; i < capacity; i++) putName(made, 8 + 60 * capacity + 32 * i, 32);
  return made;
};
const fds = () => {
  const made = array(Int32Array, random(8));
  if (made instanceof Int32Array) for (let i = 0; i < made.length; i++) made[i] = pick(pool) ?? -1;
  return made;
};
const vector = () =>
  wrongly(() => Array.from({ length: random(70) }, () => array(Uint8Array, random(4))));

/** Words that the calls with a buffer alone share with the program. */
const otherWords = (count) => new Int32Array(new SharedArrayBuffer(4 * count));
const words = sharedWords;
const sharing = () => {
  words[0] = random(10) === 0 ? -1 : (pick(pool) ?? -1);
  words[1] = pick([0, 0, 1, random(20), -1]);
  words[2] = pick([0, 1, random(20), -1]);
  words[3] = pick([0, 0, c.MSG_PEEK, c.MSG_TRUNC, c.MSG_OOB, 0x4000000, random(2 ** 32)]);
  putName(new Uint8Array(words.buffer), 32, 132);
  for (let i = 41; i < words.length; i++) words[i] = controlWord();
};
const some = () => array(Uint8Array, random(16));

/** Arrays that the calls without arguments meet again: some shrink, grow or lose their memory. */
const lasting = Array.from({ length: 4 }, () => array(Uint8Array, 40));
const again = () => {
  const i = random(lasting.length);
  const { buffer } = lasting[i] ?? {};
  const change = random(20);
  if (change === 0) lasting[i] = array(Uint8Array, 40);
  else if (change === 1 && buffer?.resizable) buffer.resize(random(buffer.maxByteLength + 1));
  else if (change === 2 && buffer instanceof ArrayBuffer)
    structuredClone(buffer, { transfer: [buffer] });
  else if (change === 3 && lasting[i] instanceof Uint8Array)
    Object.defineProperty(lasting[i], 'length', { value: 2 ** 20, configurable: true });
  return lasting[i];
};
const range = () => [wrongly(() => random(20)), wrongly(() => random(400))];
// A word turns what is no integer into 0, which is Node's descriptor.
const known = () => (random(10) === 0 ? -1 : (pick(pool) ?? -1));
/** These make a call without arguments if its array is still that of the call before. */
const pinned = {
  epollWait: () => messageCalls.awaitEvents(known(), again(), range()[1], 0),
  recv: () => messageCalls.receive(known(), again(), ...range(), flags()),
  recvfrom: () => messageCalls.receiveFrom(known(), again(), ...range(), flags()),
  recvmsg: () => messageCalls.receiveMessage(known(), again(), ...range(), flags()),
  sendmsg: () => messageCalls.transmitMessage(known(), again(), ...range(), flags()),
  recvmmsg: () => messageCalls.receiveBatch(known(), batch(), random(5)),
  send: () => messageCalls.transmit(known(), again(), ...range(), flags()),
  sendto: () => messageCalls.transmitTo(known(), again(), ...range(), flags()),
  sendmmsg: () => messageCalls.transmitBatch(known(), batch(), random(3), random(5)),
  corkWait: () => messageCalls.awaitCorked(corkHandle(), again(), range()[1], 0),
  corkCopy: () => messageCalls.copyToCork(corkHandle(), again(), ...range(), random(400)),
  read: () => native.read(descriptor(), ...slice()),
  write: () => native.write(descriptor(), ...slice()),
};
const corkHandle = () => pick(corks)?.handle ?? -1;
const either = (make, buffer = some) => {
  if (random(2) === 0) return make();
  sharing();
  return [buffer()];
};

/** Corks: memory whose entries name descriptors of ours alone, and say anything else. */
const SLAB_WORDS = 4 + 256 * 4 + 64;
const corks = [];
const slab = () =>
  wrongly(() => {
    const made = otherWords(random(6) === 0 ? random(1100) : SLAB_WORDS);
    fillSlab(made);
    return made;
  });
function fillSlab(made) {
  if (made.length < SLAB_WORDS) return;
  for (let i = 0; i < 256; i++) {
    const word = () => pick([0, 1, random(300), -1, random(2 ** 32)]);
    made.set([pick(pool) ?? -1, word(), word(), word()], 4 + i * 4);
  }
  made[0] = pick([0, 1, 2, 5, 256, -1]);
}
const cork = () => {
  const { handle, memory } = pick(corks) ?? { handle: random(5) };
  if (memory !== undefined && random(2) === 0) fillSlab(memory);
  return wrongly(() => handle);
};

const shapes = {
  // Few: each keeps its memory until the process ends.
  corkCreate: () => [descriptor(), slab(), corks.length < 20 ? integer() : 'no more'],
  corkFlush: () => [cork()],
  corkWait: () => [cork(), ...slice(), 0],
  corkCopy: () => [cork(), ...slice(), length()],
  corkClose: () => [random(10) === 0 ? cork() : -1],
  ioUringProbe: () => [],
  epollCreate1: () => [],
  epollCtl: () => [descriptor(), integer(), descriptor(), length(), length(), length()],
  // Never long: nobody would end it.
  epollWait: () => {
    if (random(2) === 0) return [descriptor(), ...slice(), pick([0, 0, 0, 0.5, Number.NaN, '1'])];
    sharing();
    words[3] = 0;
    return [some()];
  },
  eventfd: () => [length()],
  timerfdCreate: () => [],
  timerfdSettime: () => [descriptor(), length(), length()],
  socket: () => [integer(), integer(), integer()],
  socketpair: () => [
    wrongly(() => c.AF_UNIX),
    wrongly(() => 1 + random(2)),
    0,
    array(Int32Array, random(3)),
  ],
  bind: () => [descriptor(), name()],
  connect: () => [descriptor(), name()],
  listen: () => [descriptor(), integer()],
  accept4: () => [descriptor(), name()],
  getsockname: () => [descriptor(), name()],
  getpeername: () => [descriptor(), name()],
  shutdown: () => [descriptor(), integer()],
  getsockopt: () => [descriptor(), integer(), integer(), array(Uint8Array, random(40))],
  attachReuseport: () => [
    descriptor(),
    wrongly(() =>
      new Uint8Array(random(3) === 0 ? random(40_000) : 8 * random(9)).map(() => random(256)),
    ),
  ],
  ifNametoindex: () => [
    pick([-1, descriptor()]),
    wrongly(() => pick([new TextEncoder().encode('lo'), new Uint8Array(random(40)).fill(97)])),
  ],
  poll: () => [descriptor(), integer()],
  setsockopt: () => [descriptor(), integer(), integer(), array(Uint8Array, random(40))],
  recv: () => either(() => [descriptor(), ...slice(), flags()]),
  recvfrom: () => either(() => [descriptor(), ...slice(), flags(), name()]),
  recvmmsg: () => either(() => [descriptor(), batch(), length(), length(), flags()], batch),
  recvmsgFds: () => [descriptor(), ...slice(), fds(), metas(), flags()],
  send: () => either(() => [descriptor(), ...slice(), flags()]),
  sendto: () => either(() => [descriptor(), ...slice(), flags(), name()]),
  sendmsg: () => either(() => [descriptor(), ...slice(), flags(), name(), message()]),
  recvmsg: () => either(() => [descriptor(), ...slice(), flags(), name(), message()]),
  sendmmsg: () => either(() => [descriptor(), batch(), length(), length(), flags()], batch),
  sendmsgFds: () => [descriptor(), ...slice(), fds(), flags()],
  read: () => either(() => [descriptor(), ...slice()]),
  write: () => either(() => [descriptor(), ...slice()]),
  readv: () => [descriptor(), vector()],
  writev: () => [descriptor(), vector()],
  close: () => [descriptor()],
  pipe2: () => [array(Int32Array, random(3))],
  fcntl: () => [descriptor(), integer(), integer()],
  ioctl: () => [descriptor(), integer(), array(Int32Array, random(3))],
  own: () => [descriptor()],
  disown: () => [descriptor()],
  closeAtExit: () => [descriptor(), random(50) === 0 ? shared() : fds()],
  share: () => [wrongly(() => otherWords(random(80)))],
  threadWaitCreate: () => [pick(['x', Number.NaN, 2 ** 40]), integer()],
  threadWaitArm: () => [integer()],
  threadWaitRef: () => [integer()],
  threadWaitUnref: () => [integer()],
  threadWaitClose: () => [integer()],
};

const missing = Object.keys(native).filter((key) => key !== 'constants' && !(key in shapes));
if (missing.length > 0) throw new Error(`not fuzzed: ${missing}`);

function adopt(called, args, result) {
  if (result < 0) return;
  if (called === 'share') native.share(words);
  else if (called === 'corkCreate') corks.push({ handle: result, memory: args[1] });
  else if (called === 'corkClose') {
    const at = corks.findIndex(({ handle }) => handle === args[0]);
    if (at >= 0) corks.splice(at, 1);
  } else if (called === 'close') pool.splice(pool.indexOf(args[0]), 1);
  else if (['socket', 'accept4', 'epollCreate1', 'eventfd', 'timerfdCreate'].includes(called))
    pool.push(result);
  else if (called === 'fcntl' && args[1] === c.F_DUPFD_CLOEXEC) pool.push(result);
  else if (called === 'pipe2') pool.push(args[0][0], args[0][1]);
  else if (called === 'socketpair') pool.push(args[3][0], args[3][1]);
  else if (called === 'recvmsgFds') pool.push(...args[4].subarray(0, args[5][0]));
  // A blocking descriptor would block the fuzzer.
  if (called === 'fcntl') native.fcntl(args[0], c.F_SETFL, c.O_NONBLOCK);
  while (pool.length > 100) native.close(pool.splice(random(pool.length), 1)[0]);
}

const names = Object.keys(shapes);
const tally = { calls: 0, results: 0, errors: 0, refusals: 0, strange: 0 };
for (; tally.calls < CALLS; tally.calls++) {
  const called = pick(names);
  const alone = random(40) === 0;
  if (alone) words[3] = 0; // As a timeout it must not be long.
  const args = alone ? [some()] : shapes[called]();
  if (random(30) === 0) args.length = random(args.length + 1);
  try {
    const again = called in pinned && (args.length === 0 || random(3) === 0);
    const result = again ? pinned[called]() : native[called](...args);
    if (!Number.isInteger(result)) tally.strange++;
    else if (result < 0) tally.errors++;
    else tally.results++;
    adopt(called, args, result);
  } catch (error) {
    if (error instanceof TypeError || error instanceof RangeError) tally.refusals++;
    else throw error;
  }
}
for (const fd of pool) native.close(fd);
console.log(JSON.stringify(tally));
