import assert from 'node:assert/strict';
import { Interest, WouldBlock } from '@evloop/core';
import { TcpListener, TcpStream } from '../../src/index.ts';
import { native } from '../../src/native/native.ts';
import { bytes, own, some } from '../support/fixture.ts';
import { arrive, on, type Situation } from './situation.ts';
import type { Stage } from './stage.ts';

const { READABLE: R, WRITABLE: W, PRIORITY: P } = Interest;
const buffer = new Uint8Array(65536);

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
/** Linux' readiness of TCP listeners and connections, case by case. */
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
  // PRI is asked for with all reading, for the source to know that a read ends early; nobody is
  // told.
  [
    'one byte out of band, without',
    'PRI',
    '–',
    on(R, ({ client }) => {
      native.send(client.fd, bytes('a'), 0, 1, native.constants.MSG_OOB);
    }),
  ],
];
