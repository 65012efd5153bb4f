// `connect` in network namespaces: addresses that drop, refuse, answer late or have no route.
import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { needs, onlyIf } from '@evloop/testing';
import { describe, expect, test } from 'vitest';

type Behaviour = 'answers' | 'refuses' | 'drops' | 'slow' | 'unroutable';

interface Case {
  /** The addresses, in the order of the resolver. */
  readonly addresses: Readonly<Record<string, Behaviour>>;
  readonly options?: Readonly<Record<string, number>>;
  /** How long Node is given, in milliseconds. */
  readonly patienceMs?: number;
}

interface Outcome {
  readonly address?: string;
  readonly name?: string;
  readonly code?: string;
  readonly codes?: readonly string[];
  readonly ms: number;
  readonly attemptsLeft: number;
}

const program = fileURLToPath(new URL('connect-in-namespace.mjs', import.meta.url));
const run = promisify(execFile);

async function outcome(way: string, one: Case): Promise<Outcome> {
  const args = ['-rn', process.execPath, program, way, JSON.stringify(one)];
  return JSON.parse((await run('unshare', args)).stdout) as Outcome;
}

const [V4, OTHER_V4, V6, OTHER_V6] = ['10.1.0.1', '10.1.0.2', 'fd00::1', 'fd00::2'];
/** Longer than any test takes: what succeeds has not waited for it. */
const NEVER = 200_000;
const atOnce = { attemptDelayMs: NEVER, timeoutMs: NEVER };
const patient = { timeoutMs: NEVER };

const SLOW_THEN_UNROUTABLE: Case = {
  addresses: { [V4]: 'slow', [V6]: 'unroutable' },
  options: patient,
};
const SLOW_THEN_DROPPED: Case = {
  addresses: { [V4]: 'slow', [OTHER_V4]: 'drops' },
  options: patient,
  patienceMs: 5000,
};

describe.each(['net', 'epoll'])('connect on %s', needs('unshare', 'ip', 'nft'), (way) => {
  test.each([
    ['the first family, when both answer', { [V6]: 'answers', [V4]: 'answers' }, V6, atOnce],
    ['IPv4 when the resolver prefers it', { [V4]: 'answers', [V6]: 'answers' }, V4, atOnce],
    ['IPv4 at once, when IPv6 refuses', { [V6]: 'refuses', [V4]: 'answers' }, V4, atOnce],
    ['IPv4 at once, when IPv6 has no route', { [V6]: 'unroutable', [V4]: 'answers' }, V4, atOnce],
    ['IPv6 at once, when IPv4 refuses', { [V4]: 'refuses', [V6]: 'answers' }, V6, atOnce],
    ['IPv4, when IPv6 is dropped', { [V6]: 'drops', [V4]: 'answers' }, V4, patient],
    ['IPv6, when IPv4 is dropped', { [V4]: 'drops', [V6]: 'answers' }, V6, patient],
    [
      'the only address of four that answers',
      { [V6]: 'drops', [OTHER_V6]: 'refuses', [V4]: 'drops', [OTHER_V4]: 'answers' },
      OTHER_V4,
      patient,
    ],
    ['a slow address, when the other is dropped', { [V6]: 'slow', [V4]: 'drops' }, V6, patient],
    ['a slow address, when the other refuses', { [V6]: 'slow', [V4]: 'refuses' }, V6, patient],
  ] as const)('takes %s', async (_title, addresses, winner, options) => {
    const { address, ms, attemptsLeft } = await outcome(way, { addresses, options });
    expect(address).toBe(winner);
    expect(attemptsLeft).toBe(0);
    const dropsFirst = Object.values(addresses)[0] === 'drops';
    if (dropsFirst) expect(ms).toBeGreaterThanOrEqual(250);
  });

  test('names every attempt when none answers', async () => {
    const addresses = { [V6]: 'refuses', [V4]: 'unroutable', [OTHER_V6]: 'refuses' } as const;
    const { name, code, codes } = await outcome(way, { addresses, options: atOnce });
    expect([name, code]).toEqual(['AggregateError', 'ECONNREFUSED']);
    expect(codes).toEqual(['ECONNREFUSED', 'ENETUNREACH', 'ECONNREFUSED']);
  });

  test('gives up after its time when all are dropped, and closes every attempt', async () => {
    const addresses = { [V6]: 'drops', [V4]: 'drops' } as const;
    const options = { attemptDelayMs: 0, timeoutMs: 1000 };
    const result = await outcome(way, { addresses, options });
    expect(result).toMatchObject({ name: 'AggregateError', code: 'ETIMEDOUT', attemptsLeft: 0 });
    expect(result.codes).toEqual(['ETIMEDOUT', 'ETIMEDOUT']);
    expect(result.ms).toBeGreaterThanOrEqual(1000);
  });

  test('connects in the two cases in which autoSelectFamily does not', async () => {
    for (const each of [SLOW_THEN_UNROUTABLE, SLOW_THEN_DROPPED]) {
      expect(await outcome(way, each)).toMatchObject({ address: V4, attemptsLeft: 0 });
    }
  });
});

// Newer versions of Node may do better: what is pinned is what the documentation says of Node 20.
test(
  'autoSelectFamily of Node 20 gives up an address that would answer',
  process.version.startsWith('v20.')
    ? needs('unshare', 'ip', 'nft')
    : onlyIf(false, 'it pins what Node 20 does'),
  async () => {
    const [first, second] = await Promise.all([
      outcome('node', SLOW_THEN_UNROUTABLE),
      outcome('node', SLOW_THEN_DROPPED),
    ]);
    expect(first).toMatchObject({ name: 'AggregateError', codes: ['ETIMEDOUT', 'ENETUNREACH'] });
    expect(second.name).toBe('no result');
  },
);
