import assert from 'node:assert/strict';
import { Interest, WouldBlock } from '@evloop/core';
import { TcpListener, TcpStream } from '../../src/index.ts';
import { bytes, code, own, tcpPair } from '../support/fixture.ts';
import { arrive, type Ends, lastEnds, on, type Situation } from './situation.ts';
import type { Stage } from './stage.ts';

const { READABLE: R, WRITABLE: W } = Interest;
const buffer = new Uint8Array(65536);

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

/** Linux' readiness of TCP connections that end, or never come about, case by case. */
export const tcpEndSituations: readonly Situation[] = [
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
      lastEnds().client.write(bytes('later'));
      while (lastEnds().server.read(buffer) !== 5);
    },
  ],
  [
    'shutdown of writing',
    'OUT',
    'w',
    on(R | W, ({ server }) => server.shutdown('write')),
    () =>
      assert.equal(
        code(() => lastEnds().server.write(buffer)),
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
        code(() => lastEnds().server.write(buffer)),
        'EPIPE',
      );
      assert.equal(lastEnds().server.read(buffer), 0);
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
        code(() => lastEnds().server.write(buffer)),
        'EPIPE',
      );
      assert.equal(lastEnds().server.read(buffer), 0);
    },
  ],
  [
    'the peer closes with unread data',
    RESET,
    'r w e rc wc',
    on(R | W, reset),
    () => {
      assert.equal(lastEnds().server.takeError()?.code, 'ECONNRESET');
      assert.equal(lastEnds().server.takeError(), undefined);
      assert.equal(lastEnds().server.read(buffer), 0);
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
      assert.equal(lastEnds().server.read(buffer), 3);
      assert.equal(
        code(() => lastEnds().server.read(buffer)),
        'ECONNRESET',
      );
      assert.equal(lastEnds().server.read(buffer), 0);
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
];
