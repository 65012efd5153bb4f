import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';

const program = fileURLToPath(new URL('programs/echo-under-faults.mjs', import.meta.url));

// Shown as skipped where there is no strace, or no right to trace.
const able = spawnSync('strace', ['-qq', '-o', '/dev/null', 'true']).status === 0;

// Tracing makes everything slow, and a busy machine slower still.
const PATIENCE = 300_000;

interface Served {
  readonly whole: number;
  readonly reported: number;
  readonly wrong: number;
  readonly refused: number;
  readonly failed: number;
  readonly cut: number;
  readonly open: number;
}

async function underFaults(
  mode: 'edge' | 'level' | 'edge short',
  ...faults: string[]
): Promise<Served> {
  const calls = [...new Set(faults.map((fault) => fault.split(':')[0]))].join(',');
  const injected = faults.flatMap((fault) => ['-e', `inject=${fault}`]);
  const args = ['-f', '-qq', '-o', '/dev/null', '-e', `trace=${calls}`, ...injected];
  // Its children are traced as well, but make none of these calls: Node reads and writes.
  const child = spawn('strace', [...args, process.execPath, program, ...mode.split(' ')], {
    stdio: ['ignore', 'pipe', 'inherit'],
    env: { ...process.env, NODE_OPTIONS: '' },
  });
  const [stdout] = await Promise.all([text(child.stdout), once(child, 'exit')]);
  return JSON.parse(stdout);
}

const every = (call: string, error: string, from: number, step: number): string =>
  `${call}:error=${error}:when=${from}+${step}`;

test.skipIf(!able)(
  'interrupted calls are made again: every byte comes once',
  async () => {
    const calls = ['recvfrom', 'sendto', 'accept4', 'epoll_wait'];
    const served = await underFaults(
      'edge',
      ...calls.map((call, i) => every(call, 'EINTR', 2 + i, 3)),
    );
    expect(served).toMatchObject({
      whole: 20,
      reported: 0,
      wrong: 0,
      refused: 0,
      failed: 0,
      open: 0,
    });
  },
  PATIENCE,
);

// strace cannot shorten a transfer without faking it, so the kernel does: reads never fill the server's buffer, and small send buffers cut writes.
test.skipIf(!able)(
  'short reads and writes, interrupted ones among them: every byte comes once',
  async () => {
    const interrupted = ['recvfrom', 'sendto'].map((call) => every(call, 'EINTR', 2, 3));
    const served = await underFaults('edge short', ...interrupted);
    expect(served).toMatchObject({ whole: 20, reported: 0, wrong: 0, refused: 0, failed: 0 });
    expect(served.cut).toBeGreaterThan(20);
  },
  PATIENCE,
);

test.skipIf(!able)(
  'would-block that the kernel does not mean is survived level-triggered',
  async () => {
    const served = await underFaults(
      'level',
      every('recvfrom', 'EAGAIN', 2, 3),
      every('sendto', 'EAGAIN', 3, 4),
    );
    expect(served).toMatchObject({
      whole: 20,
      reported: 0,
      wrong: 0,
      refused: 0,
      failed: 0,
      open: 0,
    });
  },
  PATIENCE,
);

for (const error of ['ECONNABORTED', 'EMFILE', 'ENFILE', 'ENOBUFS', 'ENOMEM', 'EPROTO']) {
  test.skipIf(!able)(
    `accepting survives ${error}`,
    async () => {
      const served = await underFaults('edge', every('accept4', error, 2, 3));
      expect(served).toMatchObject({ whole: 20, wrong: 0, failed: 0, open: 0 });
      expect(served.refused).toBeGreaterThan(0);
    },
    PATIENCE,
  );
}

test.skipIf(!able)(
  'a failed transfer ends its connection and no other, and no byte is wrong',
  async () => {
    const served = await underFaults(
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
  PATIENCE,
);
