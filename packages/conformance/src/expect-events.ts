import assert from 'node:assert/strict';
import type { Poll, Token } from '@evloop/core';
import type { Context, Seen } from './context.ts';

type Bit = Exclude<keyof Seen, 'token'>;

/** The bits that must be reported for one token, at least. */
export type Expected = { readonly token: Token } & { readonly [B in Bit]?: true };

/**
 * Polls until everything expected was reported. The contract allows more, so it accepts other bits,
 * other events, and the bits of one token in several events.
 *
 * @returns everything that was reported.
 */
export async function expectEvents(
  context: Context,
  expected: readonly Expected[],
  poll: Poll = context.poll,
): Promise<Seen[]> {
  const missing = expected.map(({ token, ...bits }) => ({
    token,
    bits: Object.keys(bits) as Bit[],
  }));
  const seen: Seen[] = [];
  const deadline = context.clock.now() + context.timing.patienceMs;
  while (missing.some(({ bits }) => bits.length > 0)) {
    const remaining = deadline - context.clock.now();
    if (remaining <= 0) break;
    for (const event of await context.wait(remaining, poll)) {
      seen.push(event);
      for (const entry of missing) {
        if (entry.token === event.token) entry.bits = entry.bits.filter((bit) => !event[bit]);
      }
    }
  }
  const left = missing.filter(({ bits }) => bits.length > 0);
  if (left.length === 0) return seen;
  const lines = left.map(({ token, bits }) => `  token ${token}: ${bits.join(', ')}`);
  return assert.fail(`missing:\n${lines.join('\n')}\nseen:\n${show(seen)}`);
}

/** As `expectEvents`, for one token. */
export function expectEvent(context: Context, token: Token, ...bits: Bit[]): Promise<Seen[]> {
  const wanted = Object.fromEntries(bits.map((bit) => [bit, true]));
  return expectEvents(context, [{ token, ...wanted }]);
}

/** Polls once for a short time, in which no event may come. */
export async function expectNoEvents(context: Context, poll: Poll = context.poll): Promise<void> {
  const seen = await context.wait(context.timing.quietMs, poll);
  assert.ok(seen.length === 0, `no event should come, but these did:\n${show(seen)}`);
}

/** Polls once without waiting: no event may be there. */
export async function expectNothingNow(context: Context, poll: Poll = context.poll): Promise<void> {
  const seen = await context.wait(0, poll);
  assert.ok(seen.length === 0, `nothing should be ready, but this was:\n${show(seen)}`);
}

function show(seen: readonly Seen[]): string {
  const lines = seen.map(({ token, ...bits }) => {
    const set = Object.entries(bits).flatMap(([bit, on]) => (on ? [bit] : []));
    return `  token ${token}: ${set.join(', ') || 'nothing'}`;
  });
  return lines.join('\n') || '  nothing';
}
