import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import net from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { onlyIf } from '@evloop/testing';
import { afterAll, expect, test } from 'vitest';
import {
  Interest,
  supports,
  TcpListener,
  UnixListener,
  UnixStream,
  WouldBlock,
} from '../src/index.ts';
import { bytes, listen, own, some, thrown, until, watched } from './fixture.ts';

const folder = mkdtempSync(join(tmpdir(), 'evloop-'));
afterAll(() => rmSync(folder, { recursive: true }));
let serial = 0;
const freshPath = (): string => join(folder, String(serial++));
const rejection = async (promise: Promise<unknown>): Promise<NodeJS.ErrnoException> =>
  promise.then(
    () => Promise.reject(new Error('nothing was thrown')),
    (error) => error,
  );

/** Runs `run` while `path` is the folder of the process. */
async function inFolder<T>(path: string, run: () => Promise<T>): Promise<T> {
  const before = process.cwd();
  process.chdir(path);
  try {
    return await run();
  } finally {
    process.chdir(before);
  }
}

async function accept(listener: UnixListener): Promise<UnixStream> {
  let stream: UnixStream | WouldBlock = WouldBlock;
  await until(() => {
    stream = listener.accept();
    return stream !== WouldBlock;
  });
  return own(some<UnixStream>(stream));
}

/** The error with which connecting ends; `undefined` when it succeeds. */
async function failure(path: string): Promise<NodeJS.ErrnoException | undefined> {
  const stream = own(UnixStream.connect(path));
  let error: unknown;
  await until(() => {
    try {
      return stream.finishConnect() === true;
    } catch (caught) {
      error = caught;
      return true;
    }
  });
  return error as NodeJS.ErrnoException | undefined;
}

test('a closed listener leaves its file, and a file that another program has put there', async () => {
  const path = freshPath();
  const first = await UnixListener.bind(path);
  first.close();
  expect(existsSync(path)).toBe(true);
  rmSync(path);
  const second = await UnixListener.bind(path);
  rmSync(path);
  writeFileSync(path, 'not ours');
  second.close();
  expect(existsSync(path)).toBe(true);
  const third = freshPath();
  (await UnixListener.bind(third, { unlinkOnClose: true })).close();
  expect(existsSync(third)).toBe(false);
});

test('a closed listener touches no other file, also where a relative path leads elsewhere by then', async () => {
  const [first, second] = [mkdtempSync(join(folder, 'a')), mkdtempSync(join(folder, 'b'))];
  const { unlinked, kept } = await inFolder(first, async () => ({
    unlinked: await UnixListener.bind('unlinked', { unlinkOnClose: true }),
    kept: await UnixListener.bind('kept'),
  }));
  for (const name of ['unlinked', 'kept']) writeFileSync(join(second, name), 'not ours');
  writeFileSync(join(first, `kept.${process.pid}`), 'not ours');
  await inFolder(second, async () => unlinked.close());
  await inFolder(first, async () => kept.close());
  expect(readdirSync(first).sort()).toEqual(['kept', `kept.${process.pid}`]);
  expect(readdirSync(second).sort()).toEqual(['kept', 'unlinked']);
});

test('errors have Node’s shape, and the kernel’s code', async () => {
  const path = freshPath();
  own(await UnixListener.bind(path));
  expect(await rejection(UnixListener.bind(path))).toMatchObject({
    code: 'EADDRINUSE',
    syscall: 'listen',
    address: path,
  });
  const nowhere = join(folder, 'no', 'folder');
  expect(await rejection(UnixListener.bind(nowhere))).toMatchObject({
    code: 'ENOENT',
    errno: -2,
    syscall: 'listen',
    address: nowhere,
    message: `listen ENOENT ${nowhere}`,
  });
  expect(await failure(nowhere)).toMatchObject({ code: 'ENOENT', syscall: 'connect' });
  for (const wrong of [`/${'x'.repeat(107)}`, `/${'ü'.repeat(54)}`]) {
    expect(await rejection(UnixListener.bind(wrong))).toBeInstanceOf(RangeError);
    expect(() => UnixStream.connect(wrong)).toThrow(RangeError);
  }
  for (const wrong of ['', 'a\0b', undefined, 7]) {
    expect(await rejection(UnixListener.bind(wrong as string))).toBeInstanceOf(TypeError);
    expect(() => UnixStream.connect(wrong as string)).toThrow(TypeError);
  }
  expect(await rejection(UnixListener.bind(freshPath(), { backlog: 0 }))).toBeInstanceOf(
    RangeError,
  );
});

test(
  'a path that is forbidden is EACCES',
  onlyIf(process.getuid?.() === 0, 'it needs root'),
  async () => {
    const path = freshPath();
    own(await UnixListener.bind(path));
    // Root may do anything, so a child that is nobody tries.
    const program = `require('net').connect(${JSON.stringify(path)})
    .on('error', (e) => process.stdout.write(e.code)).on('connect', function () { this.destroy() })`;
    const child = spawn(process.execPath, ['-e', program], { uid: 65534, gid: 65534 });
    let out = '';
    child.stdout.on('data', (chunk) => {
      out += chunk;
    });
    await once(child, 'close');
    expect(out).toBe('EACCES');
  },
);

test('abstract names are those that the kernel knows, or refused', async () => {
  const name = `\0evloop-net-${process.pid}`;
  if (!supports.abstractNames) {
    expect(await rejection(UnixListener.bind(name))).toMatchObject({ code: 'EVLOOP_UNSUPPORTED' });
    expect(thrown(() => UnixStream.connect(name)).code).toBe('EVLOOP_UNSUPPORTED');
    return;
  }
  const listener = own(await UnixListener.bind(name));
  expect(listener.localAddr()).toBe(name);
  expect(await failure(name)).toBeUndefined();
  expect((await failure(`${name}\0`))?.code).toBe('ECONNREFUSED');
});

test('peers of node:net are served, and serve', async () => {
  const path = freshPath();
  const listener = own(await UnixListener.bind(path));
  const socket = net.connect(path);
  const server = await accept(listener);
  server.write(bytes('hi'));
  const [data] = await once(socket, 'data');
  expect(String(data)).toBe('hi');
  expect([server.localAddr(), server.peerAddr()]).toEqual([path, '']);
  socket.destroy();

  const other = freshPath();
  const node = net.createServer((socket) => socket.end('bye')).listen(other);
  await once(node, 'listening');
  const client = own(UnixStream.connect(other));
  expect(thrown(() => client.peerAddr()).code).toBe('ENOTCONN');
  const { poll, events } = watched(Interest.READABLE, client);
  await poll.poll(events, 5000);
  const buffer = new Uint8Array(8);
  await until(() => client.peek(buffer) === 3);
  expect([client.localAddr(), client.peerAddr()]).toEqual(['', other]);
  node.close();
});

test('what is closed with bytes unread still delivers what it has taken', async () => {
  const path = freshPath();
  const listener = own(await UnixListener.bind(path));
  const client = own(UnixStream.connect(path));
  const server = await accept(listener);
  await until(() => client.finishConnect() === true);
  client.write(bytes('unread'));
  await until(() => server.peek(new Uint8Array(6)) === 6);
  let taken = 0;
  for (let size = server.write(new Uint8Array(65536)); size !== WouldBlock; ) {
    taken += size;
    size = server.write(new Uint8Array(65536));
  }
  server.close();
  let received = 0;
  const buffer = new Uint8Array(65536);
  await until(() => {
    for (let size = client.read(buffer); size !== WouldBlock; size = client.read(buffer)) {
      if (size === 0) return true;
      received += size;
    }
    return false;
  });
  expect(received).toBe(taken);
});

test('what node:net lacks is EVLOOP_UNSUPPORTED, and EVLOOP_CLOSED after close', async () => {
  const path = freshPath();
  own(await UnixListener.bind(path));
  const client = own(UnixStream.connect(path));
  const lacking = [
    () => client.peerCredentials(),
    () => client.writeWithFds(bytes('x'), [0]),
    () => client.readWithFds(bytes('x')),
  ];
  expect(thrown(() => UnixStream.pair()).code).toBe('EVLOOP_UNSUPPORTED');
  for (const each of lacking) expect(thrown(each).code).toBe('EVLOOP_UNSUPPORTED');
  client.close();
  for (const each of lacking) expect(thrown(each).code).toBe('EVLOOP_CLOSED');
});

test('invalid descriptors, and descriptors of another kind, throw', async () => {
  expect(await rejection(UnixListener.fromFd(1.5))).toBeInstanceOf(RangeError);
  expect(await rejection(UnixListener.fromFd(999_999))).toMatchObject({ code: 'EBADF' });
  expect(() => UnixStream.fromFd(-1)).toThrow(RangeError);
  expect(thrown(() => UnixStream.fromFd(999_999)).code).toBe('EBADF');
  const tcp = await listen();
  expect(tcp.localAddr().port).toBeGreaterThan(0);
  expect(await rejection(TcpListener.fromFd(0))).toBeInstanceOf(TypeError);
});

test('a listener and a stream are taken over from another process, and the wrong kind is left alone', async () => {
  const path = freshPath();
  const server = net.createServer().listen(path);
  await once(server, 'listening');
  // The child's end of a connection is what it is to adopt.
  const other = net.createServer({ pauseOnConnect: true });
  other.listen(freshPath());
  await once(other, 'listening');
  const near = net.connect(other.address() as string);
  const [far] = (await once(other, 'connection')) as [net.Socket];
  const { fd } = (server as unknown as { _handle: { fd: number } })._handle;
  const program = fileURLToPath(new URL('programs/adopts.mjs', import.meta.url));
  const child = spawn(process.execPath, [program], {
    stdio: ['ignore', 'inherit', 'inherit', fd, far],
    env: { ...process.env, NODE_OPTIONS: '' },
  });
  near.write('hello');
  const client = net.connect(path);
  let text = '';
  client.on('data', (chunk) => {
    text += chunk;
  });
  // Before it sees the connection, which waits for the child.
  server.close();
  await once(child, 'exit');
  expect(JSON.parse(text)).toEqual({
    wrong: ['TypeError', 'TypeError', 'TypeError'],
    text: 'hello',
    local: path,
  });
  for (const each of [near, far, client]) each.destroy();
  other.close();
});
