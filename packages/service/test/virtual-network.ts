import {
  type Backend,
  Readiness,
  Ready,
  type Source,
  type SystemError,
  WouldBlock,
} from '@evloop/core';
import { Poll, systemError, UserSpaceSelector } from '@evloop/core/backend';
import { VirtualClock } from './virtual-clock.ts';

/** What becomes of a connection to an address. */
export interface Outcome {
  readonly kind: 'connects' | 'refuses' | 'drops' | 'throws';
  /** After how many milliseconds it connects or refuses. */
  readonly afterMs: number;
}

/** Time that passes only when everything waits, and a network that does what it is told. */
export class VirtualNetwork {
  readonly clock = new VirtualClock();
  readonly streams: VirtualStream[] = [];
  readonly #outcomes: ReadonlyMap<string, Outcome>;
  #later: { at: number; run: () => void }[] = [];
  #parked: { unpark: () => void; until: number } | undefined;

  constructor(outcomes: ReadonlyMap<string, Outcome>) {
    this.#outcomes = outcomes;
  }

  /** Runs `callback` at a time of the clock. */
  at(time: number, run: () => void): void {
    this.#later.push({ at: time, run });
    this.#later.sort((a, b) => a.at - b.at);
  }

  /** Resolves after so many milliseconds. */
  sleep(ms: number): Promise<void> {
    return new Promise((resolve) => this.at(this.clock.time + ms, resolve));
  }

  /** A backend whose polls wait in this network's time, and that connects and does nothing else. */
  get backend(): Backend {
    const network = this;
    class VirtualSelector extends UserSpaceSelector {
      override readonly settle = undefined;
      override now(): number {
        return network.clock.time;
      }
      override park(timeoutMs: number | null, unpark: () => void): void {
        network.#park(timeoutMs, unpark);
      }
      override unpark(): void {
        network.#parked = undefined;
      }
    }
    class VirtualPoll extends Poll {
      constructor() {
        super(new VirtualSelector());
      }
    }
    const TcpStream = { connect: ({ address }: { address: string }) => this.#connect(address) };
    return { name: 'virtual', Poll: VirtualPoll, TcpStream } as unknown as Backend;
  }

  #connect(address: string): VirtualStream {
    const outcome = this.#outcomes.get(address) ?? { kind: 'drops', afterMs: 0 };
    const place = { address, port: 80 };
    if (outcome.kind === 'throws') throw systemError('ENETUNREACH', 'connect', place);
    const stream = new VirtualStream(address, this.clock.time);
    this.streams.push(stream);
    if (outcome.kind === 'drops') return stream;
    this.at(this.clock.time + outcome.afterMs, () => {
      if (outcome.kind === 'connects') stream.finish(true);
      else stream.finish(systemError('ECONNREFUSED', 'connect', place));
    });
    return stream;
  }

  #park(timeoutMs: number | null, unpark: () => void): void {
    const parked = { unpark, until: this.clock.time + (timeoutMs ?? Infinity) };
    this.#parked = parked;
    setImmediate(() => this.#move(parked));
  }

  /** Moves the time on, to whatever comes first, as long as the poll waits. */
  #move(parked: { unpark: () => void; until: number }): void {
    if (this.#parked !== parked) return;
    const [next] = this.#later;
    if (next !== undefined && next.at <= parked.until) {
      this.#later.shift();
      this.clock.time = Math.max(this.clock.time, next.at);
      next.run();
      setImmediate(() => this.#move(parked));
      return;
    }
    if (parked.until === Infinity) throw new Error('everything waits for ever');
    this.clock.time = parked.until;
    this.#parked = undefined;
    parked.unpark();
  }
}

/** A connection that succeeds or fails when it is told. */
export class VirtualStream implements Source {
  readonly address: string;
  readonly startedAt: number;
  readonly readiness = new Readiness(this);
  closed = false;
  #result: true | SystemError | undefined;

  constructor(address: string, startedAt: number) {
    this.address = address;
    this.startedAt = startedAt;
  }

  register(...args: Parameters<Source['register']>): void {
    this.readiness.register(...args);
  }
  reregister(...args: Parameters<Source['reregister']>): void {
    this.readiness.reregister(...args);
  }
  deregister(...args: Parameters<Source['deregister']>): void {
    this.readiness.deregister(...args);
  }

  finish(result: true | SystemError): void {
    if (this.closed) return;
    this.#result = result;
    this.readiness.set(Ready.WRITABLE);
  }

  finishConnect(): true | WouldBlock {
    if (this.#result === undefined) return WouldBlock;
    if (this.#result === true) return true;
    throw this.#result;
  }

  close(): void {
    this.closed = true;
    this.readiness.close();
  }
}
