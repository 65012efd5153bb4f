// What fake timers affect: one function for each row of the table in docs/fake-timers.md.
// Taken before a runner installs fake ones.
const { setTimeout: later, clearTimeout: never, setImmediate: soon } = globalThis;
const FAKE_MS = 60_000;

/** How long to see that nothing happens by itself. */
const QUIET_MS = 200;

/**
 * What an outcome needs: 'real' when it comes by itself, 'fake' when it comes after the fake clock
 * was advanced and not before.
 *
 * @param expected what the document says. An outcome that is said to be real is awaited, however
 * slow the machine is.
 */
async function observe(outcome, expected, clock) {
  if (expected === 'real') return outcome.then(() => 'real');
  let timer;
  const late = new Promise((resolve) => {
    timer = later(resolve, QUIET_MS, 'fake');
  });
  const first = await Promise.race([outcome.then(() => 'real'), late]);
  never(timer);
  if (first === 'real') return 'real';
  clock.advance(FAKE_MS);
  await outcome;
  return 'fake';
}

const rows = {
  async 'the timeout of `poll`'({ poll, events }) {
    await poll.poll(events, 5);
  },
  async 'the timeout of `pollSync`'({ poll, events }) {
    poll.pollSync(events, 5);
  },
  async 'an event, and a wake, while `poll` waits'({ backend, poll, events, Token, Interest }) {
    const listener = await backend.TcpListener.bind('127.0.0.1:0');
    poll.registry.register(listener, Token(1), Interest.READABLE);
    const client = backend.TcpStream.connect(listener.localAddr());
    await poll.poll(events, null);
    client.close();
    listener.close();
    const waker = new backend.Waker(poll.registry, Token(2));
    soon(() => waker.wake());
    await poll.poll(events, null);
  },
  async 'many answers in a row let the loop turn'({ backend, poll, events, Token }) {
    const waker = new backend.Waker(poll.registry, Token(1));
    let turned = false;
    soon(() => {
      turned = true;
    });
    while (!turned) {
      waker.wake();
      await poll.poll(events, null);
    }
  },
  async '`poll` with `AbortSignal.timeout`'({ poll, events }) {
    await poll.poll(events, null, { signal: AbortSignal.timeout(5) }).catch(() => {});
  },
  async '`poll` that a `setTimeout` of the program aborts'({ poll, events }) {
    const controller = new AbortController();
    setTimeout(() => controller.abort(), FAKE_MS);
    await poll.poll(events, null, { signal: controller.signal }).catch(() => {});
  },
  async '`setTimeout` of the program'() {
    await new Promise((resolve) => setTimeout(resolve, FAKE_MS));
  },
};

/**
 * Answers what each row comes to: 'real', 'fake', or '–' where the backend cannot.
 *
 * @param expected the same, as the document says.
 * @param clock the runner's: `install`, `advance`, `uninstall`.
 */
export async function scenario(backend, expected, clock) {
  const outcomes = {};
  for (const [row, run] of Object.entries(rows)) {
    const poll = new backend.Poll();
    const events = new backend.Events(8);
    const { Token, Interest } = backend;
    if (row.includes('pollSync') && !backend.supports.pollSync) {
      outcomes[row] = '–';
      continue;
    }
    clock.install();
    try {
      outcomes[row] = await observe(
        run({ backend, poll, events, Token, Interest }),
        expected[row],
        clock,
      );
    } finally {
      clock.uninstall();
      poll.close();
    }
  }
  return outcomes;
}

/** The table of the document: by backend, what each row comes to. */
export function tableOf(markdown) {
  const lines = markdown.split('\n').filter((line) => line.startsWith('|'));
  const [head, , ...body] = lines.map((line) => line.split('|').map((cell) => cell.trim()));
  return Object.fromEntries(
    head.slice(2, -1).map((backend, i) => {
      const cells = body.map((row) => [row[1], row[i + 2]]);
      return [backend, Object.fromEntries(cells)];
    }),
  );
}
