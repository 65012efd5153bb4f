import { Interest, isEvloopError, Readiness, Ready, type Source } from '@evloop/core';
import { describe, expect, it } from 'vitest';
import { Loop, Server } from '../src/index.ts';
import { loopOf, own, runUntil, ways } from './fixture.ts';
import { VirtualClock } from './virtual-clock.ts';

/** A source in user space that says itself when it is readable. */
class Flag implements Source {
  readonly readiness = new Readiness(this);
  register(...args: Parameters<Source['register']>): void {
    this.readiness.register(...args);
  }
  reregister(...args: Parameters<Source['reregister']>): void {
    this.readiness.reregister(...args);
  }
  deregister(...args: Parameters<Source['deregister']>): void {
    this.readiness.deregister(...args);
  }
  /** Makes it readable. */
  raise(): void {
    this.readiness.clear(Ready.READABLE);
    this.readiness.set(Ready.READABLE);
  }
}

const { READABLE } = Interest;
const turn = () => new Promise((resolve) => setImmediate(resolve));

describe.each(ways)('a loop on $name', (way) => {
  it('calls the callback of the source that is ready, and no other', async () => {
    const loop = loopOf(way);
    const flags = [new Flag(), new Flag(), new Flag()];
    const seen: number[] = [];
    for (const [i, flag] of flags.entries()) {
      loop.attach(flag, READABLE, (event) => {
        expect(event.readable).toBe(true);
        seen.push(i);
        loop.stop();
      });
    }
    expect(loop.size).toBe(3);
    flags[1]?.raise();
    await loop.run();
    expect(seen).toEqual([1]);
  });

  it('uses a token again, and calls nothing for one that was detached in the same batch', async () => {
    const loop = loopOf(way);
    const first = new Flag();
    const second = new Flag();
    const seen: string[] = [];
    const other = { first: second, second: first };
    const attachments = {
      first: loop.attach(first, READABLE, () => gone('first')),
      second: loop.attach(second, READABLE, () => gone('second')),
    };
    function gone(name: 'first' | 'second'): void {
      seen.push(name);
      attachments[name === 'first' ? 'second' : 'first'].detach();
      loop.attach(other[name], READABLE, () => {
        seen.push('new');
        loop.stop();
      });
    }
    first.raise();
    second.raise();
    await loop.run();
    expect(seen).toHaveLength(2);
    expect(seen[1]).toBe('new');
    expect(loop.size).toBe(2);
  });

  it('wakes an attachment, whose event then says nothing', async () => {
    const loop = loopOf(way);
    const attachment = loop.attach(new Flag(), READABLE, (event) => {
      expect([event.readable, event.writable, event.error]).toEqual([false, false, false]);
      loop.stop();
    });
    attachment.wake();
    attachment.wake();
    await loop.run();
    attachment.detach();
    attachment.detach();
    attachment.wake();
    expect([attachment.attached, loop.size]).toEqual([false, 0]);
  });

  it('forgets a source that was closed', () => {
    const loop = loopOf(way);
    const flag = new Flag();
    const attachment = loop.attach(flag, READABLE, () => {});
    flag.readiness.close();
    attachment.detach();
    expect(loop.size).toBe(0);
  });

  it('calls a deferred step for as long as it says again, in turn with the others', async () => {
    const loop = loopOf(way);
    const seen: string[] = [];
    for (const name of ['a', 'b']) {
      let left = 3;
      loop.defer(() => {
        seen.push(name);
        if (--left > 0) return 'again';
        if (name === 'b') loop.stop();
        return 'end';
      });
    }
    await loop.run();
    expect(seen).toEqual(['a', 'b', 'a', 'b', 'a', 'b']);
  });

  it('sees what timers and promises of the process do while it runs', async () => {
    const loop = loopOf(way);
    const seen: string[] = [];
    const running = loop.run();
    await turn();
    loop.defer(() => {
      seen.push('deferred');
      return 'end';
    });
    await turn();
    await new Promise<void>((resolve) => loop.deadlines.in(3, resolve));
    seen.push('deadline');
    setTimeout(() => loop.stop(), 1);
    await running;
    expect(seen).toEqual(['deferred', 'deadline']);
  });

  it('has an earlier deadline end a wait for a later one', async () => {
    const loop = loopOf(way);
    const far = loop.deadlines.in(600_000, () => {});
    const running = loop.run();
    await turn();
    loop.deadlines.in(1, () => loop.stop());
    await running;
    far.cancel();
  });

  it('rejects with what a callback throws, and loses nothing of the batch', async () => {
    const loop = loopOf(way);
    const flags = Array.from({ length: 40 }, () => new Flag());
    const seen = new Set<number>();
    for (const [i, flag] of flags.entries()) {
      loop.attach(flag, READABLE, () => {
        seen.add(i);
        if (seen.size === 7) throw new Error('a fault');
        if (seen.size === flags.length) loop.stop();
      });
    }
    for (const flag of flags) flag.raise();
    await expect(loop.run()).rejects.toThrow('a fault');
    await loop.run();
    expect(seen.size).toBe(flags.length);
  });

  it('puts off the rest of a batch that takes too long, and loses nothing of it', async () => {
    const clock = new VirtualClock();
    const loop = loopOf(way, { clock, sliceMs: 0 });
    const flags = Array.from({ length: 100 }, () => new Flag());
    const seen: number[] = [];
    for (const [i, flag] of flags.entries()) {
      loop.attach(flag, READABLE, (event) => {
        expect(event.readable).toBe(true);
        clock.time += 1;
        seen.push(i);
        if (seen.length === flags.length) loop.stop();
      });
    }
    for (const flag of flags) flag.raise();
    const before = loop.poll.stats().polls;
    await loop.run();
    expect(new Set(seen).size).toBe(flags.length);
    expect(loop.poll.stats().polls - before).toBeGreaterThanOrEqual(6);
  });

  it('lets promises go on that one of its parts has settled', async () => {
    const loop = loopOf(way, { sliceMs: Infinity });
    let drained = false;
    const server = new Server(loop, [], () => ({ step: () => 'end' }));
    loop.defer(() => {
      void server
        .drain({ deadlineMs: 1 })
        .then((result) => result)
        .finally(() => {
          drained = true;
          loop.stop();
        });
      return 'end';
    });
    await loop.run();
    expect(drained).toBe(true);
  });

  it('is woken by its wakers', async () => {
    const loop = loopOf(way);
    let woken = 0;
    const waker = loop.addWaker(() => {
      woken++;
      loop.stop();
    });
    waker.wake();
    await loop.run();
    if (way.backend.supports.wakerHandles) {
      const remote = new way.backend.RemoteWaker(waker.handle());
      const running = loop.run();
      remote.wake();
      await running;
      expect(woken).toBe(2);
    }
    waker.close();
    waker.close();
    expect(loop.size).toBe(0);
  });

  it('stops before it has begun, and runs again', async () => {
    const loop = loopOf(way);
    loop.stop();
    await loop.run();
    setTimeout(() => loop.stop(), 1);
    await loop.run();
  });

  it('rejects with the reason of its signal, and refuses to run twice', async () => {
    const loop = loopOf(way);
    const controller = new AbortController();
    const running = loop.run({ signal: controller.signal });
    await turn();
    const again = await loop.run().catch((error: unknown) => error);
    expect(isEvloopError(again, 'EVLOOP_BUSY')).toBe(true);
    controller.abort(new Error('enough'));
    await expect(running).rejects.toThrow('enough');
    await expect(loop.run({ signal: controller.signal })).rejects.toThrow('enough');
  });

  it('lets timers run under a flood of events', async () => {
    const loop = loopOf(way);
    const flag = new Flag();
    let turns = 0;
    loop.attach(flag, READABLE, () => {
      turns++;
      flag.raise();
    });
    flag.raise();
    await runUntil(loop, new Promise((resolve) => setTimeout(resolve, 10)));
    expect(turns).toBeGreaterThan(1);
  });

  it('refuses options that are out of range', () => {
    const make = (options: object) => () => new Loop(way.backend, options);
    expect(make({ turnMs: -1 })).toThrow(/invalid turnMs: -1 \(expected a number of milliseconds/);
    expect(make({ sliceMs: Number.NaN })).toThrow(RangeError);
    expect(make({ batch: 0 })).toThrow(RangeError);
  });
});

it('refuses to block on a backend that cannot', () => {
  const net = ways.find(({ name }) => name === 'net');
  if (net === undefined) throw new Error('net is missing');
  let thrown: unknown;
  try {
    own(new Loop(net.backend, { blocking: true }));
  } catch (error) {
    thrown = error;
  }
  expect(isEvloopError(thrown, 'EVLOOP_UNSUPPORTED')).toBe(true);
});
