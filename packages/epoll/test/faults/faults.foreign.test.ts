import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';
import { needs } from '@evloop/testing';
import { expect, test } from 'vitest';

const strace = needs('strace');

interface Served {
  readonly whole: number;
  readonly reported: number;
  readonly wrong: number;
  readonly refused: number;
  readonly failed: number;
  readonly cut: number;
  readonly open: number;
}

/** What the program prints when these faults are injected into its system calls. */
async function underFaults<T>(program: string, faults: readonly string[]): Promise<T> {
  const calls = [...new Set(faults.map((fault) => fault.split(':')[0]))].join(',');
  const injected = faults.flatMap((fault) => ['-e', `inject=${fault}`]);
  const args = ['-f', '-qq', '-o', '/dev/null', '-e', `trace=${calls}`, ...injected];
  const [name = '', ...rest] = program.split(' ');
  const path = fileURLToPath(new URL(`../programs/${name}`, import.meta.url));
  // Its children are traced as well, but make none of these calls: Node reads and writes.
  const child = spawn('strace', [...args, process.execPath, path, ...rest], {
    stdio: ['ignore', 'pipe', 'inherit'],
    env: { ...process.env, NODE_OPTIONS: '' },
  });
  const [stdout] = await Promise.all([text(child.stdout), once(child, 'exit')]);
  return JSON.parse(stdout);
}

const echo = (mode: 'edge' | 'level' | 'edge short', ...faults: string[]): Promise<Served> =>
  underFaults(`echo-under-faults.mjs ${mode}`, faults);

/** What is served when no fault is to be seen. */
const WHOLE = { whole: 20, reported: 0, wrong: 0, refused: 0, failed: 0, open: 0 };

const every = (call: string, error: string, from: number, step: number): string =>
  `${call}:error=${error}:when=${from}+${step}`;

test('interrupted calls are made again: every byte comes once', strace, async () => {
  const calls = ['recvfrom', 'sendto', 'accept4', 'epoll_wait'];
  const served = await echo('edge', ...calls.map((call, i) => every(call, 'EINTR', 2 + i, 3)));
  expect(served).toMatchObject(WHOLE);
});

// strace cannot shorten a transfer without faking it, so the kernel does: reads never fill the
// server's buffer, and small send buffers cut writes.
test(
  'short reads and writes, interrupted ones among them: every byte comes once',
  strace,
  async () => {
    const interrupted = ['recvfrom', 'sendto'].map((call) => every(call, 'EINTR', 2, 3));
    const served = await echo('edge short', ...interrupted);
    expect(served).toMatchObject({ whole: 20, reported: 0, wrong: 0, refused: 0, failed: 0 });
    expect(served.cut).toBeGreaterThan(20);
  },
);

test('would-block that the kernel does not mean is survived level-triggered', strace, async () => {
  const served = await echo(
    'level',
    every('recvfrom', 'EAGAIN', 2, 3),
    every('sendto', 'EAGAIN', 3, 4),
  );
  expect(served).toMatchObject(WHOLE);
});

const accepting = [
  'ECONNABORTED',
  'EPROTO',
  'EHOSTUNREACH',
  'EMFILE',
  'ENFILE',
  'ENOBUFS',
  'ENOMEM',
];
for (const error of accepting) {
  test(`accepting survives ${error}`, strace, async () => {
    const served = await echo('edge', every('accept4', error, 2, 3));
    expect(served).toMatchObject({ whole: 20, wrong: 0, failed: 0, open: 0 });
    expect(served.refused).toBeGreaterThan(0);
  });
}

test(
  'a failed transfer ends its connection and no other, and no byte is wrong',
  strace,
  async () => {
    const served = await echo(
      'edge',
      every('sendto', 'ENOBUFS', 50, 97),
      every('recvfrom', 'ENOMEM', 70, 101),
    );
    expect(served.wrong).toBe(0);
    expect(served.open).toBe(0);
    expect(served.failed).toBeGreaterThan(0);
    // One that fails at its end has echoed everything.
    expect(served.whole + served.reported).toBe(20);
  },
);

test('interrupted datagrams are sent and received again: each comes once', strace, async () => {
  const calls = ['recvfrom', 'sendto', 'recvmmsg', 'sendmmsg'];
  const faults = calls.map((call, i) => every(call, 'EINTR', 2 + i, 3));
  expect(await underFaults('datagrams-under-faults.mjs', faults)).toEqual({
    udp: 200,
    batches: 200,
    unix: 200,
  });
});

test('corked datagrams for which there is no room wait, in order', strace, async () => {
  const full = every('sendmmsg', 'EAGAIN', 2, 3);
  const outcome = await underFaults<{ ordered: boolean; cork: object }>('corked-datagrams.mjs', [
    full,
  ]);
  expect(outcome).toMatchObject({ ordered: true, cork: { corked: 200, flushed: 200, refused: 0 } });
  expect(outcome.cork).not.toMatchObject({ deferred: 0 });
});
