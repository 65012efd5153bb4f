// Every call that takes a buffer, an offset and a length, with each kind of number and view: both
// backends give the same result, or the same error of the contract.
import * as epoll from '@evloop/epoll';
import * as net from '@evloop/net';
import { needsNative } from '@evloop/testing';
import { expect, test } from 'vitest';

const NUMBERS = [
  ...[undefined, 0, -0, 1, 4, 15, 16, 17, -1, 0.5, 3.999, Number.NaN, Infinity],
  ...[2 ** 31 - 1, 2 ** 31, 2 ** 32 - 1, 2 ** 32, 2 ** 53 - 1],
];

interface Sizable extends ArrayBuffer {
  resize(size: number): void;
  grow(size: number): void;
}
const sized = (Kind: unknown): Sizable =>
  new (Kind as new (size: number, options: object) => Sizable)(16, { maxByteLength: 32 });

const VIEWS: Readonly<Record<string, () => Uint8Array>> = {
  plain: () => new Uint8Array(16),
  part: () => new Uint8Array(new ArrayBuffer(64), 8, 16),
  empty: () => new Uint8Array(0),
  shared: () => new Uint8Array(new SharedArrayBuffer(16)),
  detached: () => {
    const view = new Uint8Array(16);
    structuredClone(view.buffer, { transfer: [view.buffer] });
    return view;
  },
  shrunk: () => {
    const buffer = sized(ArrayBuffer);
    const view = new Uint8Array(buffer);
    buffer.resize(4);
    return view;
  },
  'out of bounds': () => {
    const buffer = sized(ArrayBuffer);
    const view = new Uint8Array(buffer, 0, 16);
    buffer.resize(4);
    return view;
  },
  grown: () => {
    const buffer = sized(SharedArrayBuffer);
    const view = new Uint8Array(buffer, 0, 16);
    buffer.grow(32);
    return view;
  },
  'not an array': () => [1, 2, 3] as unknown as Uint8Array,
  'another array': () => new Uint16Array(16) as unknown as Uint8Array,
};

type Call = (buffer: Uint8Array, offset?: number, length?: number) => unknown;

/** What a call comes to, without what differs by nature. */
function outcome(run: () => unknown, blocked: symbol): string {
  try {
    const result = run();
    if (result === blocked) return 'would block';
    return JSON.stringify(typeof result === 'object' ? (result as { size: number }).size : result);
  } catch (error) {
    return (error as Error).name;
  }
}

async function outcomes(backend: typeof net | typeof epoll): Promise<Map<string, string>> {
  const { TcpListener, TcpStream, UdpSocket, WouldBlock } = backend;
  const turn = (): Promise<void> => new Promise((resolve) => setTimeout(resolve, 0));
  const listener = await TcpListener.bind('127.0.0.1:0');
  const client = TcpStream.connect(listener.localAddr());
  let server = listener.accept();
  for (; server === WouldBlock; server = listener.accept()) await turn();
  const stream = server;
  while (client.finishConnect() !== true) await turn();
  const target = await UdpSocket.bind('127.0.0.1:0');
  const sender = await UdpSocket.bind('127.0.0.1:0');
  const peer = await UdpSocket.bind('127.0.0.1:0');
  peer.connect(target.localAddr());
  const room = new Uint8Array(4096);
  const bytes = new Uint8Array(8);
  const drain = async (read: () => unknown): Promise<void> => {
    while (read() !== WouldBlock);
  };
  const filled = async (peek: () => unknown, fill: () => unknown): Promise<void> => {
    if (peek() !== WouldBlock) return;
    fill();
    while (peek() === WouldBlock) await turn();
  };
  const streamReady = () =>
    filled(
      () => stream.peek(room),
      () => client.write(bytes),
    );
  const datagramReady = () =>
    filled(
      () => target.peek(room),
      () => sender.sendTo(bytes, target.localAddr()),
    );
  const nothing = async (): Promise<void> => {};
  const calls: Record<string, [Call, () => Promise<void>]> = {
    read: [(...args) => stream.read(...args), streamReady],
    peek: [(...args) => stream.peek(...args), streamReady],
    readv: [(buffer) => stream.readv([buffer]), streamReady],
    write: [(...args) => client.write(...args), nothing],
    writev: [(buffer) => client.writev([buffer]), nothing],
    recv: [(...args) => target.recv(...args), datagramReady],
    recvFrom: [(...args) => target.recvFrom(...args), datagramReady],
    peekFrom: [(...args) => target.peekFrom(...args), datagramReady],
    'datagram peek': [(...args) => target.peek(...args), datagramReady],
    send: [(...args) => peer.send(...args), nothing],
    sendTo: [(buffer, ...range) => sender.sendTo(buffer, target.localAddr(), ...range), nothing],
  };
  const found = new Map<string, string>();
  for (const [name, [call, prepare]] of Object.entries(calls)) {
    for (const [view, make] of Object.entries(VIEWS)) {
      const ranges = NUMBERS.flatMap(
        (n): [offset: number | undefined, length: number | undefined][] => [
          [n, undefined],
          [undefined, n],
          [4, n],
          [n, 4],
        ],
      );
      for (const [offset, length] of name.endsWith('v') && name !== 'recv'
        ? [[undefined, undefined] as const]
        : ranges) {
        await prepare();
        // One call sees what the call before it left, so everything is drained first.
        const key = `${name}(${view}, ${String(offset)}, ${String(length)})`;
        found.set(
          key,
          outcome(() => call(make(), offset, length), WouldBlock),
        );
        if (prepare === streamReady) await drain(() => stream.read(room));
        if (prepare === datagramReady) await drain(() => target.recv(room));
      }
    }
    while (stream.read(room) !== WouldBlock) await turn();
    await drain(() => target.recv(room));
  }
  for (const source of [listener, client, stream, target, sender, peer]) source.close();
  return found;
}

test(
  'each range of each view gives the same result or the same error on both backends',
  needsNative,
  async () => {
    const [onNet, onEpoll] = [await outcomes(net), await outcomes(epoll)];
    expect(onNet.size).toBeGreaterThan(5000);
    const differing = [...onNet].flatMap(([call, result]) =>
      onEpoll.get(call) === result ? [] : [`${call}: net ${result}, epoll ${onEpoll.get(call)}`],
    );
    expect(differing).toEqual([]);
    for (const [call, result] of onNet)
      expect(result, call).toMatch(/^(\d+|TypeError|RangeError|would block)$/);
  },
);
