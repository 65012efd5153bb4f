import { type Event, Events, isBlocking, type Poll, Token, Waker } from '@evloop/core';
import type { Wait } from './command-line.ts';
import type { Stop } from './stop.ts';

/** What a program does in its loop. */
export interface Service {
  /** Something happened to one of its sources. */
  onEvent(event: Event): void;
  /**
   * Does a bounded piece of the work that there is: all that the events of one batch have brought, and what was left before.
   *
   * @returns `'again'`: there is more, which no event will announce; `'wait'`: there is none; `'end'`: the program is done.
   */
  work(): 'again' | 'wait' | 'end';
  /** Takes on no more work, and ends when it has done what it has. May be called again. Where there is none, the program ends only by `stop`. */
  drain?(): void;
}

/** How the loop of a program runs. */
export interface LoopOptions {
  readonly wait: Wait;
  readonly stop: Stop;
  /** How long `--wait sync` blocks before Node's own loop gets a turn: 100 ms where it is left out. */
  readonly sliceMs?: number;
}

/** How many events are handled before the kernel is asked again. */
const CAPACITY = 128;
/** The programs here count their tokens up from 0. */
const STOP = Token(Number.MAX_SAFE_INTEGER);

/** Runs the loop of a program until its work ends or `stop` is requested. */
export async function runLoop(
  poll: Poll,
  service: Service,
  { wait, stop, sliceMs = 100 }: LoopOptions,
): Promise<void> {
  const waker = new Waker(poll.registry, STOP);
  stop.wake = () => waker.wake();
  if (stop.draining) stop.wake();
  const events = new Events(CAPACITY);
  let state = service.work();

  const running = () => state !== 'end' && !stop.requested;
  // While work is left, the poll only asks for news of others and does not wait.
  const timeout = (most: number | null) => (state === 'again' ? 0 : most);
  const handle = () => {
    for (const event of events) service.onEvent(event);
    if (stop.draining) service.drain?.();
    state = service.work();
  };

  if (wait === 'async') {
    while (running()) {
      await poll.poll(events, timeout(null));
      handle();
    }
  } else if (isBlocking(poll)) {
    // pollSync blocks the thread, and while it does nothing else of the process runs: no timer, no promise, and no signal
    // handler. So it waits in slices, and in between Node's own loop gets a turn. (A single setImmediate is one turn.)
    while (running()) {
      const end = performance.now() + sliceMs;
      do {
        poll.pollSync(events, timeout(Math.max(0, end - performance.now())));
        handle();
      } while (running() && performance.now() < end);
      await new Promise(setImmediate);
    }
  }
  stop.wake = () => {};
  waker.close();
}
