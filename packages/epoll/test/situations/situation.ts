import type { Interest } from '@evloop/core';
import type { TcpStream } from '../../src/index.ts';
import { bytes, tcpPair } from '../support/fixture.ts';
import type { Stage } from './stage.ts';

/**
 * A situation; the bits that epoll then reports; the predicates of our event; and what an operation
 * says afterwards.
 */
export type Situation = readonly [
  name: string,
  mask: string,
  predicates: string,
  arrange: (stage: Stage) => void,
  then?: () => void,
];

/** Both ends of a connection. */
export interface Ends {
  readonly client: TcpStream;
  readonly server: TcpStream;
}

/** A connection whose server end is watched, and whose first edge is over. */
function watched(stage: Stage, interest: Interest): Ends {
  const ends = tcpPair();
  stage.watch(ends.server, interest);
  stage.seen();
  return ends;
}

let last: Ends;

/** The ends of the last situation, for what is tried afterwards. */
export const lastEnds = (): Ends => last;

/** Arranges a connection, and does something with it. */
export const on =
  (interest: Interest, act: (ends: Ends, stage: Stage) => void) => (stage: Stage) => {
    last = watched(stage, interest);
    act(last, stage);
  };

/** Has bytes arrive at the server. */
export const arrive = (stage: Stage, { client }: Ends, text = 'abc'): void => {
  client.write(bytes(text));
  stage.until('IN|OUT');
};
