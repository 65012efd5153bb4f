import { host } from '@evloop/core/backend';
import { SECOND } from '../clock/time.ts';
import { current } from '../host/current.ts';
import type { Process } from '../host/process.ts';
import { type Replacement, virtualFunction } from './replacement.ts';

/** The clocks of the runtime, virtual inside hosts. */
export function clockFunctions(): Replacement[] {
  return [
    ...[performanceOwner(), host.performance].map((owner) =>
      virtualFunction(owner, 'now', ({ clock }) => clock.now()),
    ),
    { object: process, name: 'hrtime', make: virtualHrtime as (real: never) => unknown },
    virtualFunction(process, 'uptime', ({ clock }) => clock.nanoseconds() / SECOND),
    { object: globalThis, name: 'Date', make: virtualDate as (real: never) => unknown },
  ];
}

/** Where `now` stands: on the prototype in Node. */
function performanceOwner(): object {
  const { performance } = globalThis;
  return Object.hasOwn(performance, 'now') ? performance : Object.getPrototypeOf(performance);
}

function virtualHrtime(real: NodeJS.HRTime): NodeJS.HRTime {
  const nanoseconds = (): bigint | undefined => {
    const clock = current.getStore()?.clock;
    return clock && BigInt(clock.nanoseconds());
  };
  const hrtime = (earlier?: [number, number]): [number, number] => {
    const clock = current.getStore()?.clock;
    if (clock === undefined) return real(earlier);
    const now = clock.nanoseconds();
    const since = earlier === undefined ? now : now - earlier[0] * SECOND - earlier[1];
    return [Math.floor(since / SECOND), since % SECOND];
  };
  return Object.assign(hrtime, { bigint: () => nanoseconds() ?? real.bigint() });
}

function virtualDate(real: DateConstructor): DateConstructor {
  const now = (process: Process | undefined): number => process?.clock.date() ?? real.now();
  return new Proxy(real, {
    apply: (target) => new target(now(current.getStore())).toString(),
    construct(target, args, newTarget) {
      const process = current.getStore();
      const given = process !== undefined && args.length === 0 ? [now(process)] : args;
      return Reflect.construct(target, given, newTarget);
    },
    get(target, property, receiver) {
      if (property === 'now') return () => now(current.getStore());
      return Reflect.get(target, property, receiver);
    },
  });
}
