import assert from 'node:assert/strict';
import { Interest, WouldBlock } from '@evloop/core';
import {
  pipe,
  SourceFd,
  UdpSocket,
  UnixDatagram,
  UnixListener,
  UnixStream,
} from '../../src/index.ts';
import { native } from '../../src/native/native.ts';
import { encodeIpName, scratchName } from '../../src/native/sockaddr.ts';
import { atEnd, bytes, code, own } from '../support/fixture.ts';
import type { Situation } from './situation.ts';
import type { Stage } from './stage.ts';

const { READABLE: R, WRITABLE: W } = Interest;
const RW = R | W;
const ONE = new Uint8Array(BigUint64Array.of(1n).buffer);
const buffer = new Uint8Array(65536);

/** A descriptor of the test's own. */
const plain = (fd: number): SourceFd => {
  assert.ok(fd >= 0);
  atEnd(() => native.close(fd));
  return own(new SourceFd(fd));
};
const wake = (source: SourceFd): void => void native.write(source.fd, ONE, 0, ONE.length);

const udp = (act: (socket: UdpSocket, peer: UdpSocket, stage: Stage) => void) => (stage: Stage) => {
  const socket = own(UdpSocket.bind('127.0.0.1:0'));
  const peer = own(UdpSocket.bind('127.0.0.1:0'));
  stage.watch(socket, RW);
  stage.seen();
  act(socket, peer, stage);
};
const refusal = (interest: Interest) => (stage: Stage) => {
  const peer = UdpSocket.bind('127.0.0.1:0');
  const socket = own(UdpSocket.bind('127.0.0.1:0'));
  socket.connect(peer.localAddr());
  peer.close();
  stage.watch(socket, interest);
  stage.seen();
  socket.send(bytes('nobody there'));
};

let stream: UnixStream;
const unix = (act: (near: UnixStream, far: UnixStream, stage: Stage) => void) => (stage: Stage) => {
  const [near, far] = UnixStream.pair().map(own) as [UnixStream, UnixStream];
  stream = near;
  stage.watch(near, RW);
  stage.seen();
  act(near, far, stage);
};

const reader = (data: string) => (stage: Stage) => {
  const [sender, receiver] = pipe();
  own(sender);
  stage.watch(own(receiver), R);
  if (data !== '') sender.write(bytes(data));
  stage.seen();
  sender.close();
};
const writer = (full: boolean) => (stage: Stage) => {
  const [sender, receiver] = pipe();
  own(receiver);
  stage.watch(own(sender), W);
  while (full && sender.write(buffer) !== WouldBlock);
  stage.seen();
  receiver.close();
};

/** Linux' readiness of the other descriptors, case by case. */
export const otherSituations: readonly Situation[] = [
  [
    'an idle Unix listener',
    'none',
    '–',
    (stage) => stage.watch(own(UnixListener.bind(`\0evloop-situation-${process.pid}`)), RW),
  ],
  [
    'a TCP socket that connects nowhere yet',
    'OUT|HUP',
    'w rc wc',
    (stage) => {
      const { AF_INET, SOCK_STREAM } = native.constants;
      stage.watch(plain(native.socket(AF_INET, SOCK_STREAM, 0)), RW);
    },
  ],
  ['UDP: fresh', 'OUT', 'w', (stage) => stage.watch(own(UdpSocket.bind('127.0.0.1:0')), RW)],
  [
    'UDP: a datagram',
    'IN|OUT',
    'r w',
    udp((socket, peer) => void peer.sendTo(bytes('x'), socket.localAddr())),
  ],
  [
    'UDP: a second one, and the first was not received',
    'IN|OUT',
    'r w',
    udp((socket, peer, stage) => {
      peer.sendTo(bytes('x'), socket.localAddr());
      stage.until('IN|OUT');
      stage.seen();
      peer.sendTo(bytes('y'), socket.localAddr());
    }),
  ],
  [
    'UDP: an empty datagram',
    'IN|OUT',
    'r w',
    udp((socket, peer) => void peer.sendTo(bytes(''), socket.localAddr())),
  ],
  // The kernel frees what was sent, and tells of the room.
  [
    'UDP: after a send',
    'OUT',
    'w',
    udp((socket, peer) => void socket.sendTo(bytes('x'), peer.localAddr())),
  ],
  ['UDP: the peer’s port is closed', 'OUT|ERR', 'w e wc', refusal(RW)],
  ['UDP: the same (R): neither readable nor writable', 'ERR', 'e wc', refusal(R)],
  ['a pipe’s writer is gone, data waits', 'IN|HUP', 'r rc wc', reader('abc')],
  ['a pipe’s writer is gone: not readable', 'HUP', 'rc wc', reader('')],
  ['a pipe’s reader is gone', 'OUT|ERR', 'w e wc', writer(false)],
  ['a full pipe’s reader is gone: not writable', 'ERR', 'e wc', writer(true)],
  [
    'Unix stream: shutdown of reading',
    'IN|OUT|RDHUP',
    'r w rc',
    unix((near) => near.shutdown('read')),
  ],
  [
    'Unix stream: then of writing',
    'IN|OUT|HUP|RDHUP',
    'r w rc wc',
    unix((near, _, stage) => {
      near.shutdown('read');
      stage.seen();
      near.shutdown('write');
    }),
  ],
  ['Unix stream: shutdown of writing', 'OUT', 'w', unix((near) => near.shutdown('write'))],
  [
    'Unix stream: the peer reads',
    'OUT',
    'w',
    unix((near, far, stage) => {
      near.write(bytes('abc'));
      stage.seen();
      far.read(buffer);
    }),
  ],
  ['Unix stream: the peer closes', 'IN|OUT|HUP|RDHUP', 'r w rc wc', unix((_, far) => far.close())],
  [
    'Unix stream: it closes with unread data',
    'IN|OUT|ERR|HUP|RDHUP',
    'r w e rc wc',
    unix((near, far) => {
      near.write(bytes('abc'));
      far.close();
    }),
    () =>
      assert.equal(
        code(() => stream.read(buffer)),
        'ECONNRESET',
      ),
  ],
  ...(['read', 'both'] as const).map((how): Situation => {
    const [mask, predicates] =
      how === 'read' ? ['IN|OUT|RDHUP', 'r w rc'] : ['IN|OUT|HUP|RDHUP', 'r w rc wc'];
    return [
      `Unix datagrams: shutdown of ${how}`,
      mask,
      predicates,
      (stage) => {
        const [near, far] = UnixDatagram.pair();
        own(far);
        stage.watch(own(near), RW);
        stage.seen();
        near.shutdown(how);
      },
    ];
  }),
  [
    'eventfd: written three times',
    'IN',
    'r',
    (stage) => {
      const source = plain(native.eventfd(0));
      stage.watch(source, R);
      for (let i = 0; i < 3; i++) wake(source);
    },
  ],
  [
    'eventfd: asked again',
    'none',
    '–',
    (stage) => {
      const source = plain(native.eventfd(0));
      stage.watch(source, R);
      wake(source);
      stage.seen();
    },
  ],
  [
    'eventfd: written again, and not read',
    'IN',
    'r',
    (stage) => {
      const source = plain(native.eventfd(0));
      stage.watch(source, R);
      wake(source);
      stage.seen();
      wake(source);
    },
  ],
  [
    'TCP: connected after it was registered',
    'OUT',
    'w',
    (stage) => {
      const { AF_INET, SOCK_STREAM } = native.constants;
      const listener = native.socket(AF_INET, SOCK_STREAM, 0);
      atEnd(() => native.close(listener));
      const any = { address: '127.0.0.1', port: 0, family: 'IPv4' } as const;
      native.bind(listener, encodeIpName(any, scratchName));
      native.listen(listener, 8);
      native.getsockname(listener, scratchName);
      const source = plain(native.socket(AF_INET, SOCK_STREAM, 0));
      stage.watch(source, RW);
      stage.seen();
      native.connect(source.fd, scratchName);
    },
  ],
];
