import assert from 'node:assert/strict';
import { Interest, WouldBlock } from '@evloop/core';
import { TcpListener, TcpStream } from '../src/index.ts';
import { native } from '../src/native.ts';
import { bytes, code, own, some, tcpPair } from './fixture.ts';
import type { Stage } from './stage.ts';

const { READABLE: R, WRITABLE: W, PRIORITY: P } = Interest;
const buffer = new Uint8Array(65536);

/** A situation; the bits that epoll then reports; the predicates of our event; and what an operation says afterwards. */
export type Situation = readonly [
  name: string,
  mask: string,
  predicates: string,
  arrange: (stage: Stage) => void,
  then?: () => void,
];

interface Ends {
  readonly client: TcpStream;
  readonly server: TcpStream;
}

/** A connection whose server end is watched, and whose first edge is over. */
function watched(stage: Stage, interest: Interest, before?: (ends: Ends) => void): Ends {
  const ends = tcpPair();
  before?.(ends);
  stage.watch(ends.server, interest);
  stage.seen();
  return ends;
}

/** The ends of the last situation, for what is tried afterwards. */
let last: Ends;
const on = (interest: Interest, act: (ends: Ends, stage: Stage) => void) => (stage: Stage) => {
  last = watched(stage, interest);
  act(last, stage);
};
const arrive = (stage: Stage, { client }: Ends, text = 'abc'): void => {
  client.write(bytes(text));
  stage.until('IN|OUT');
};
const listening = (stage: Stage, interest: Interest, clients: number): TcpListener => {
  const listener = own(TcpListener.bind('127.0.0.1:0'));
  stage.watch(listener, interest);
  for (let i = 0; i < clients; i++) {
    own(TcpStream.connect(listener.localAddr()));
    stage.until('IN');
    if (i < clients - 1) stage.seen();
  }
  return listener;
};
const refusedPort = (): string => {
  const listener = TcpListener.bind('127.0.0.1:0');
  const { port } = listener.localAddr();
  listener.close();
  return `127.0.0.1:${port}`;
};
let refused: TcpStream;
const refuse = (interest: Interest) => (stage: Stage) => {
  refused = own(TcpStream.connect(refusedPort()));
  stage.watch(refused, interest);
};
const finished = (interest: Interest, act: (ends: Ends, stage: Stage) => void) =>
  on(interest, (ends, stage) => {
    ends.client.shutdown('write');
    stage.until('IN|OUT|RDHUP');
    stage.seen();
    act(ends, stage);
  });
/** The peer closes although it has not read everything: a reset. */
const reset = ({ client, server }: Ends): void => {
  server.write(bytes('unread'));
  while (client.peek(buffer) === WouldBlock);
  client.close();
};
const RESET = 'IN|OUT|ERR|HUP|RDHUP';

/** Linux' readiness of TCP sockets, case by case. */
export const tcpSituations: readonly Situation[] = [
  ['an idle listener', 'none', '–', (stage) => listening(stage, R, 0)],
  ['a connection waits', 'IN', 'r', (stage) => listening(stage, R, 1)],
  ['a second one comes, and the first was not accepted', 'IN', 'r', (s) => listening(s, R, 2)],
  [
    'one of two is accepted',
    'none',
    '–',
    (stage) => {
      const listener = listening(stage, R, 2);
      stage.seen();
      own(some(listener.accept()));
    },
  ],
  [
    'MOD of a listener whose queue is not empty',
    'IN',
    'r',
    (stage) => {
      listening(stage, R, 1);
      stage.seen();
      stage.modify(R);
    },
  ],
  [
    'MOD of such a listener to W',
    'none',
    '–',
    (stage) => {
      listening(stage, R, 1);
      stage.seen();
      stage.modify(W);
    },
  ],
  [
    'a connect completes',
    'OUT',
    'w',
    (stage) => {
      const listener = own(TcpListener.bind('127.0.0.1:0'));
      stage.watch(own(TcpStream.connect(listener.localAddr())), R | W);
    },
  ],
  ['a connect has completed, and that was reported', 'none', '–', on(R | W, () => {})],
  ['MOD of an idle connection', 'OUT', 'w', on(R | W, (_, stage) => stage.modify(R | W))],
  ['MOD of it to R', 'none', '–', on(R | W, (_, stage) => stage.modify(R))],
  ['MOD of it back to R|W', 'OUT', 'w', on(R, (_, stage) => stage.modify(R | W))],
  ['the peer sends', 'IN|OUT', 'r w', on(R | W, (ends, stage) => arrive(stage, ends))],
  [
    'more comes, and nothing was read',
    'IN|OUT',
    'r w',
    on(R | W, (ends, stage) => {
      arrive(stage, ends);
      stage.seen();
      arrive(stage, ends);
    }),
  ],
  [
    'a part is read',
    'none',
    '–',
    on(R | W, (ends, stage) => {
      arrive(stage, ends);
      stage.seen();
      assert.equal(ends.server.read(buffer, 0, 1), 1);
    }),
  ],
  [
    'MOD after a part was read',
    'IN|OUT',
    'r w',
    on(R | W, (ends, stage) => {
      arrive(stage, ends);
      stage.seen();
      assert.equal(ends.server.read(buffer, 0, 1), 1);
      stage.modify(R | W);
    }),
  ],
  [
    'more comes after a short read without EAGAIN',
    'IN|OUT',
    'r w',
    on(R | W, (ends, stage) => {
      arrive(stage, ends);
      stage.seen();
      assert.equal(ends.server.read(buffer), 3);
      arrive(stage, ends);
    }),
  ],
  [
    'a small write is acknowledged',
    'none',
    '–',
    on(R | W, ({ server }) => {
      server.write(bytes('abc'));
      while (server.queueDepths().unsent > 0);
    }),
  ],
  [
    'a full send buffer is drained by the peer',
    'OUT',
    'w',
    on(R | W, ({ client, server }, stage) => {
      while (server.write(buffer) !== WouldBlock);
      stage.until('none');
      stage.seen();
      while (server.queueDepths().unsent > 0) client.read(buffer);
    }),
  ],
  [
    'the peer ends its side',
    'IN|OUT|RDHUP',
    'r w rc',
    on(R | W, ({ client }) => client.shutdown('write')),
  ],
  ['the peer closes', 'IN|OUT|RDHUP', 'r w rc', on(R | W, ({ client }) => client.close())],
  // RDHUP is asked for always, since the end of the peer's side is reported whatever the interest.
  [
    'MOD to W after the peer’s end',
    'OUT|RDHUP',
    'w rc',
    finished(R | W, (_, stage) => stage.modify(W)),
  ],
  ['MOD to R after it', 'IN|RDHUP', 'r rc', finished(R | W, (_, stage) => stage.modify(R))],
  [
    'after it, this side ends too (R)',
    'IN|HUP|RDHUP',
    'r rc wc',
    finished(R, ({ server }) => server.shutdown('write')),
  ],
  [
    'shutdown of reading',
    'IN|OUT|RDHUP',
    'r w rc',
    on(R | W, ({ server }) => server.shutdown('read')),
    () => {
      last.client.write(bytes('later'));
      while (last.server.read(buffer) !== 5);
    },
  ],
  [
    'shutdown of writing',
    'OUT',
    'w',
    on(R | W, ({ server }) => server.shutdown('write')),
    () =>
      assert.equal(
        code(() => last.server.write(buffer)),
        'EPIPE',
      ),
  ],
  [
    'shutdown of both',
    'IN|OUT|HUP|RDHUP',
    'r w rc wc',
    on(R | W, ({ server }) => server.shutdown('both')),
    () => {
      assert.equal(
        code(() => last.server.write(buffer)),
        'EPIPE',
      );
      assert.equal(last.server.read(buffer), 0);
    },
  ],
  [
    'a write to a peer that has closed',
    RESET,
    'r w e rc wc',
    finished(R | W, ({ client, server }) => {
      client.close();
      server.write(bytes('x'));
    }),
    () => {
      assert.equal(
        code(() => last.server.write(buffer)),
        'EPIPE',
      );
      assert.equal(last.server.read(buffer), 0);
    },
  ],
  [
    'the peer closes with unread data',
    RESET,
    'r w e rc wc',
    on(R | W, reset),
    () => {
      assert.equal(last.server.takeError()?.code, 'ECONNRESET');
      assert.equal(last.server.takeError(), undefined);
      assert.equal(last.server.read(buffer), 0);
    },
  ],
  [
    'the peer resets while data waits here',
    RESET,
    'r w e rc wc',
    on(R | W, (ends, stage) => {
      arrive(stage, ends);
      stage.seen();
      reset(ends);
    }),
    () => {
      assert.equal(last.server.read(buffer), 3);
      assert.equal(
        code(() => last.server.read(buffer)),
        'ECONNRESET',
      );
      assert.equal(last.server.read(buffer), 0);
    },
  ],
  ['a reset (R)', 'IN|ERR|HUP|RDHUP', 'r e rc wc', on(R, reset)],
  ['a reset (W)', 'OUT|ERR|HUP|RDHUP', 'w e rc wc', on(W, reset)],
  ['a connect is refused (W)', 'OUT|ERR|HUP|RDHUP', 'w e rc wc', refuse(W)],
  ['a connect is refused (R)', 'IN|ERR|HUP|RDHUP', 'r e rc wc', refuse(R)],
  [
    'a connect is refused (R|W)',
    RESET,
    'r w e rc wc',
    refuse(R | W),
    () => {
      assert.equal(refused.takeError()?.code, 'ECONNREFUSED');
      assert.equal(refused.takeError(), undefined);
      assert.equal(
        code(() => refused.peerAddr()),
        'ENOTCONN',
      );
      assert.equal(refused.read(buffer), 0);
      assert.equal(
        code(() => refused.write(buffer)),
        'EPIPE',
      );
    },
  ],
  [
    'data and the end were there before registering',
    'IN|OUT|RDHUP',
    'r w rc',
    (stage) => {
      const ends = tcpPair();
      ends.client.write(bytes('abc'));
      ends.client.close();
      while (ends.server.queueDepths().unread < 3);
      stage.watch(ends.server, R | W);
    },
  ],
  // What is urgent shows as readable to whoever asked for it, though a plain read may find nothing.
  [
    'two bytes out of band, with PRIORITY',
    'IN|PRI',
    'r p',
    on(R | P, ({ client }) => {
      native.send(client.fd, bytes('ab'), 0, 2, native.constants.MSG_OOB);
    }),
  ],
  [
    'one byte out of band, with PRIORITY',
    'PRI',
    'r p',
    on(R | P, ({ client }) => {
      native.send(client.fd, bytes('a'), 0, 1, native.constants.MSG_OOB);
    }),
  ],
  // PRI is asked for with all reading, for the source to know that a read ends early; nobody is told.
  [
    'one byte out of band, without',
    'PRI',
    '–',
    on(R, ({ client }) => {
      native.send(client.fd, bytes('a'), 0, 1, native.constants.MSG_OOB);
    }),
  ],
];
